"""Mir, running: one server for all its tests, over servers that the whole session shares."""

import asyncio
from collections.abc import Callable, Iterator

import pytest

from deploy.local.backing import Backing
from deploy.local.facts import PostgresFacts
from tests.integration.mir.running import Mir, User, running_mir
from tests.integration.service import Place
from tests.servers.backing import purge_streams


@pytest.fixture(scope="package")
def mir(backing: Backing, fresh_database: Callable[[], PostgresFacts]) -> Iterator[Mir]:
    """The service without a worker: what is asked for stays pending."""
    asyncio.run(purge_streams(backing.nats))
    with running_mir(Place(backing.home, fresh_database(), backing.nats, backing.s3)) as mir:
        yield mir


@pytest.fixture(scope="module")
def listening(mir: Mir) -> Iterator[Mir]:
    """The service with a worker. It begins with what other modules left pending, of which none can succeed."""
    worker = mir.service.start("work")
    yield mir
    mir.service.supervisor.stop([worker.command.name])


@pytest.fixture
def ada(mir: Mir) -> User:
    """A user."""
    return mir.user()


@pytest.fixture
def bob(mir: Mir) -> User:
    """Another user."""
    return mir.user()
