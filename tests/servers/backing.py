"""The real Postgres, NATS and S3 for tests: started once per session on free ports, in a directory that goes away."""

import asyncio
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import minio
import nats
import psycopg
import pytest

from deploy.local.backing import Backing
from deploy.local.facts import NatsFacts, PostgresFacts, S3Facts
from deploy.local.home import Home
from deploy.local.nats import OPERATOR
from deploy.local.postgres import furnish

__all__ = [
    "backing",
    "bus",
    "database",
    "fresh_database",
    "object_client",
    "objects",
    "purge_streams",
    "throw_away_home",
]


@contextmanager
def throw_away_home(place: Path | None = None) -> Iterator[Home]:
    """A home that nobody uses yet (entering it is left to the test), removed at the end with all that it holds.

    By default not below pytest's temporary directory: that is closed to others, and root's Postgres is another user.
    """
    home = Home(Path(tempfile.mkdtemp(prefix="puremusic-", dir=place)))
    try:
        yield home
    finally:
        shutil.rmtree((home.root / "postgres").resolve(), ignore_errors=True)
        shutil.rmtree(home.root)


@pytest.fixture(scope="session")
def backing() -> Iterator[Backing]:
    """The running servers and how to connect to them: `.postgres`, `.nats`, `.s3`.

    One conftest imports it for all: each import would make a fixture, and servers, of its own.
    """
    with throw_away_home() as home, home, Backing(home, prefer={}) as running:
        yield running


@pytest.fixture(scope="session")
def fresh_database(backing: Backing) -> Iterator[Callable[[], PostgresFacts]]:
    """Makes empty databases with the roles and schemas of the real one; dropped when the session ends."""
    made: list[PostgresFacts] = []

    def make() -> PostgresFacts:
        facts = replace(backing.postgres, database=f"test_{secrets.token_hex(6)}")
        furnish(facts)
        made.append(facts)
        return facts

    yield make
    with psycopg.connect(replace(backing.postgres, database="postgres").url_with_password("postgres")) as server:
        server.autocommit = True
        for facts in made:
            server.execute(f'DROP DATABASE "{facts.database}" WITH (FORCE)'.encode())


@pytest.fixture(scope="module")
def database(fresh_database: Callable[[], PostgresFacts]) -> PostgresFacts:
    """An empty database for the tests of one module."""
    return fresh_database()


@pytest.fixture(scope="module")
def bus(backing: Backing) -> NatsFacts:
    """The bus without a stream on it, at the beginning of a module."""
    asyncio.run(purge_streams(backing.nats))
    return backing.nats


@pytest.fixture(scope="session")
def objects(backing: Backing) -> S3Facts:
    """The object store. Modules share its bucket: keep to keys of one's own."""
    return backing.s3


def object_client(facts: S3Facts) -> minio.Minio:
    """A client of the object store that holds the keys."""
    return minio.Minio(
        facts.endpoint.removeprefix("http://"),
        access_key=facts.access_key.value,
        secret_key=facts.secret_key.value,
        secure=False,
        region=facts.region,
    )


async def purge_streams(facts: NatsFacts) -> None:
    """Delete every stream, with its messages and consumers."""
    client = await nats.connect(facts.url, user=OPERATOR, password=facts.password(OPERATOR))
    try:
        streams = client.jetstream()
        for stream in await streams.streams_info():
            if stream.config.name:
                await streams.delete_stream(stream.config.name)
    finally:
        await client.close()
