"""Fusion, running: one server for all its tests, over servers that the whole session shares."""

import asyncio
from collections.abc import Callable, Iterator

import pytest

from deploy.local.backing import Backing
from deploy.local.facts import PostgresFacts
from tests.integration.fusion.running import Fusion, User, running_fusion
from tests.integration.service import Place
from tests.servers.backing import purge_streams


@pytest.fixture(scope="package")
def fusion(backing: Backing, fresh_database: Callable[[], PostgresFacts]) -> Iterator[Fusion]:
    """The service without a worker: what is asked for stays pending."""
    asyncio.run(purge_streams(backing.nats))
    with running_fusion(Place(backing.home, fresh_database(), backing.nats, backing.s3)) as fusion:
        yield fusion


@pytest.fixture(scope="module")
def working(fusion: Fusion) -> Iterator[Fusion]:
    """The service with a worker. It begins with what other modules left pending, of which none can succeed."""
    worker = fusion.service.start("work")
    yield fusion
    fusion.service.supervisor.stop([worker.command.name])


@pytest.fixture
def ada(fusion: Fusion) -> User:
    """A user."""
    return fusion.user()


@pytest.fixture
def bob(fusion: Fusion) -> User:
    """Another user."""
    return fusion.user()
