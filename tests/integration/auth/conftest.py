"""Auth's real servicer behind its real interceptor, on the real Postgres; one or several replicas."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
import pytest_asyncio
from cryptography.fernet import Fernet

from chassis import migrations
from chassis.config import load
from deploy.local.facts import NatsFacts, PostgresFacts
from services.auth.config import MIGRATIONS, StoreConfig
from tests.integration.auth.replica import Environment, Replica, running

__all__ = ["auth", "environment", "fresh_environment"]

CHEAP_HASHES = {"PUREMUSIC_ARGON2_MEMORY_KIB": "64", "PUREMUSIC_ARGON2_PASSES": "1"}


def furnished(database: PostgresFacts, bus: NatsFacts) -> Environment:
    """Bring a database to auth's schema and return the environment of a replica on it."""
    environment = {
        "PUREMUSIC_POSTGRES_URL": database.url("auth"),
        "PUREMUSIC_POSTGRES_PASSWORD": database.password("auth"),
        "PUREMUSIC_NATS_URL": bus.url,
        "PUREMUSIC_NATS_USER": "auth",
        "PUREMUSIC_NATS_PASSWORD": bus.password("auth"),
        "PUREMUSIC_SEALING_KEY": Fernet.generate_key().decode(),
        "PUREMUSIC_SERVICE_SECRETS": "mir=the-secret-of-mir\nfusion=the-secret-of-fusion",
        **CHEAP_HASHES,
    }
    asyncio.run(migrations.migrate(load(StoreConfig, environment).postgres, MIGRATIONS))
    return environment


@pytest.fixture(scope="module")
def environment(database: PostgresFacts, bus: NatsFacts) -> Environment:
    """What a replica is told, with a schema for the module."""
    return furnished(database, bus)


@pytest.fixture
def fresh_environment(fresh_database: Callable[[], PostgresFacts], bus: NatsFacts) -> Environment:
    """What a replica is told, with an empty schema for one test."""
    return furnished(fresh_database(), bus)


@pytest_asyncio.fixture
async def auth(environment: Environment) -> AsyncIterator[Replica]:
    """One replica."""
    async with running(environment) as replica:
        yield replica
