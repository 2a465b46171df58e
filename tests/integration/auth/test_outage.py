"""When the database is away, or answers nonsense: callers may try again, and the log tells nothing about people."""

import asyncio
import logging
from collections.abc import Callable

import grpc
import psycopg
import pytest

from chassis import errors
from deploy.local.facts import NatsFacts, PostgresFacts
from tests.integration.auth.conftest import furnished
from tests.integration.auth.replica import new_email, refusal, running


def allow_connections(database: PostgresFacts, allowed: bool) -> None:
    """Open or close a database as its operator would, and end what is connected."""
    with psycopg.connect(database.url_with_password("postgres").replace(database.database, "postgres")) as server:
        server.autocommit = True
        server.execute(f'ALTER DATABASE "{database.database}" ALLOW_CONNECTIONS {allowed}'.encode())
        server.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (database.database,)
        )


async def test_a_database_that_is_away_is_worth_another_try(
    fresh_database: Callable[[], PostgresFacts], bus: NatsFacts
) -> None:
    database = fresh_database()
    environment = await asyncio.to_thread(furnished, database, bus)
    async with running(environment) as auth:
        session = await auth.register()
        allow_connections(database, False)
        for call in (auth.me(session.access_token), auth.login(session.user.email), auth.refresh(session)):
            refused = await refusal(call)
            assert (type(refused), refused.reason) == (errors.Unavailable, "DATABASE_UNAVAILABLE")
        allow_connections(database, True)
        await auth.refresh(session)


async def test_a_failing_query_does_not_log_what_was_asked(
    fresh_database: Callable[[], PostgresFacts], bus: NatsFacts, caplog: pytest.LogCaptureFixture
) -> None:
    environment = await asyncio.to_thread(furnished, fresh_database(), bus)
    email = new_email()
    async with running(environment) as auth:
        await auth.execute("ALTER TABLE account RENAME TO somewhere_else")
        with caplog.at_level(logging.DEBUG), pytest.raises(grpc.aio.AioRpcError) as refused:
            await auth.login(email)
    assert refused.value.code() is grpc.StatusCode.INTERNAL
    assert "somewhere_else" not in str(refused.value.details())
    assert 'relation "account" does not exist' in caplog.text
    assert email not in caplog.text
