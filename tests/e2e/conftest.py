"""The running mesh, and people who use it."""

import pytest

from deploy.local.stack import Mesh
from tests.e2e.rest import Rest, new_user
from tests.servers.mesh import mesh

__all__ = ["mesh"]


@pytest.fixture
def user(mesh: Mesh) -> Rest:
    """Somebody new, signed in."""
    return new_user(mesh.url)


@pytest.fixture(scope="module")
def resident(mesh: Mesh) -> Rest:
    """Somebody whom the tests of one module share."""
    return new_user(mesh.url)
