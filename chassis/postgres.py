"""PostgreSQL: one engine per process, transactions as connections. A service's role owns the schema of its own name."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from sqlalchemy import URL, make_url, text
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from chassis.config import Secret, setting
from chassis.errors import Unavailable

AWAY = (OperationalError, InterfaceError, PoolTimeout)
"""What a query raises when the database is not there, is too busy or gives up: repeating the request may help."""


@dataclass(frozen=True)
class PostgresConfig:
    """How the service's own schema is reached."""

    url: str = setting("POSTGRES_URL", "postgresql://role@host:port/database; the role owns the schema of its name")
    password: Secret = setting("POSTGRES_PASSWORD", "the role's password", Secret(""))
    pool_size: int = setting("POSTGRES_POOL_SIZE", "connections a process keeps at most", 5)

    def parsed(self) -> URL:
        """Return the URL with the password, for psycopg 3."""
        parsed = make_url(self.url).set(drivername="postgresql+psycopg")
        return parsed.set(password=self.password.reveal()) if self.password.reveal() else parsed


class Database:
    """The service's schema."""

    def __init__(self, config: PostgresConfig) -> None:
        self._url = config.parsed()
        self._engine: AsyncEngine = create_async_engine(
            self._url,
            pool_size=config.pool_size,
            max_overflow=0,
            pool_pre_ping=True,
            pool_recycle=1800,
            hide_parameters=True,  # what is bound to a query is people's own, and no business of a traceback's
        )

    @property
    def schema(self) -> str:
        """The schema's name, which is the role's."""
        return self._url.username or "public"

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """Yield a connection in a transaction: committed at the end, rolled back on an exception."""
        async with self._engine.begin() as connection:
            yield connection

    async def check(self) -> None:
        """Raise unless the database answers."""
        async with self._engine.connect() as connection:
            await connection.execute(text("SELECT 1"))

    async def listen(self, channel: str) -> "psycopg.AsyncConnection[Any]":
        """Return a connection of its own that listens on `channel` (NOTIFY); the caller closes it."""
        try:
            connection = await psycopg.AsyncConnection.connect(
                self._url.set(drivername="postgresql").render_as_string(hide_password=False), autocommit=True
            )
        except psycopg.OperationalError:
            raise Unavailable("DATABASE_UNAVAILABLE", "The database does not answer. Try again.") from None
        await connection.execute(psycopg.sql.SQL("LISTEN {}").format(psycopg.sql.Identifier(channel)))
        return connection

    async def close(self) -> None:
        """Close every connection."""
        await self._engine.dispose()


def migration_engine(config: PostgresConfig) -> AsyncEngine:
    """Return an engine that keeps no connection, for migrations."""
    return create_async_engine(config.parsed(), poolclass=NullPool, hide_parameters=True)
