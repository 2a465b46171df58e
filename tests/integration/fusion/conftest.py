"""Fusion, running: one server per module, over servers that the whole session shares."""

from collections.abc import Iterator

import pytest

from deploy.local.backing import Backing
from deploy.local.facts import NatsFacts, PostgresFacts, S3Facts
from tests.integration.fusion.running import Fusion, User, running_fusion
from tests.integration.service import Place


@pytest.fixture(scope="module")
def fusion(backing: Backing, database: PostgresFacts, bus: NatsFacts, objects: S3Facts) -> Iterator[Fusion]:
    """The service without a worker: what is asked for stays pending."""
    with running_fusion(Place(backing.home, database, bus, objects)) as fusion:
        yield fusion


@pytest.fixture(scope="module")
def working(fusion: Fusion) -> Fusion:
    """The service with a worker."""
    fusion.service.start("work")
    return fusion


@pytest.fixture
def ada(fusion: Fusion) -> User:
    """A user."""
    return fusion.user()


@pytest.fixture
def bob(fusion: Fusion) -> User:
    """Another user."""
    return fusion.user()
