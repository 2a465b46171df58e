"""Ingest's real processes on the real Postgres, NATS and S3, and people who use them."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from deploy.local.backing import Backing
from deploy.local.facts import PostgresFacts
from tests.integration.ingest.house import House, opened
from tests.integration.ingest.people import Door, Person, door_of
from tests.servers.backing import purge_streams


@pytest.fixture(scope="package")
def house(
    backing: Backing, fresh_database: Callable[[], PostgresFacts], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """Ingest, running."""
    asyncio.run(purge_streams(backing.nats))
    folder: Path = tmp_path_factory.mktemp("ingest")
    with opened(folder, fresh_database(), backing.nats, backing.s3) as house:
        yield house


@pytest_asyncio.fixture
async def door(house: House) -> AsyncIterator[Door]:
    """The way in."""
    async with door_of(house) as door:
        yield door


@pytest_asyncio.fixture
async def ada(door: Door) -> Person:
    """A user."""
    return await door.person()


@pytest_asyncio.fixture
async def bob(door: Door) -> Person:
    """Another user."""
    return await door.person()


@pytest_asyncio.fixture
async def operator(door: Door) -> Person:
    """An operator."""
    return await door.person("user", "admin")
