"""Mir, running: one server per module, over servers that the whole session shares."""

from collections.abc import Iterator

import pytest

from deploy.local.backing import Backing
from deploy.local.facts import NatsFacts, PostgresFacts, S3Facts
from tests.integration.mir.running import Mir, User, running_mir
from tests.integration.service import Place


@pytest.fixture(scope="module")
def mir(backing: Backing, database: PostgresFacts, bus: NatsFacts, objects: S3Facts) -> Iterator[Mir]:
    """The service without a worker: what is asked for stays pending."""
    with running_mir(Place(backing.home, database, bus, objects)) as mir:
        yield mir


@pytest.fixture(scope="module")
def listening(mir: Mir) -> Mir:
    """The service with a worker."""
    mir.service.start("work")
    return mir


@pytest.fixture
def ada(mir: Mir) -> User:
    """A user."""
    return mir.user()


@pytest.fixture
def bob(mir: Mir) -> User:
    """Another user."""
    return mir.user()
