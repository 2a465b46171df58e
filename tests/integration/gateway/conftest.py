"""Gateway on the real Postgres and NATS, and somebody whose facts it folds."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from deploy.local.facts import NatsFacts, PostgresFacts
from tests.integration.gateway.facts import Author
from tests.integration.gateway.running import Metadata, Running, running
from tests.integration.ingest.keyring import Keyring
from tests.servers.backing import backing, bus, database, fresh_database, objects

__all__ = ["backing", "bus", "database", "fresh_database", "objects"]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def gateway(database: PostgresFacts, bus: NatsFacts) -> AsyncIterator[Running]:
    """A running gateway, which the tests of a module share; they have users of their own."""
    async with running(database, bus, Keyring()) as gateway:
        yield gateway


@pytest.fixture
def ada() -> Author:
    """A user."""
    return Author()


@pytest.fixture
def as_ada(gateway: Running, ada: Author) -> Metadata:
    """How she identifies herself."""
    return gateway.as_user(ada.owner_id)
