"""API keys."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

_COLUMNS = "serial, api_key_id, user_id, name, scopes, created_at, expires_at, last_used_at"


@dataclass(frozen=True)
class ApiKey:
    """A row of `api_key`. `serial` orders the keys by age."""

    serial: int
    api_key_id: str
    user_id: str
    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None


@dataclass(frozen=True)
class UsedKey:
    """A key that is good now, and the seconds left to it (None: it does not run out)."""

    key: ApiKey
    seconds_left: int | None


@dataclass(frozen=True)
class NewApiKey:
    """What an API key begins with."""

    api_key_id: str
    user_id: str
    secret_hash: bytes
    name: str
    scopes: tuple[str, ...]
    expires_at: datetime | None


async def add(connection: AsyncConnection, new: NewApiKey) -> ApiKey:
    """Add the key."""
    added = await connection.execute(
        text(
            "INSERT INTO api_key (api_key_id, user_id, secret_hash, name, scopes, expires_at)"
            f" VALUES (:api_key_id, :user_id, :secret_hash, :name, :scopes, :expires_at) RETURNING {_COLUMNS}"
        ),
        {**vars(new), "scopes": list(new.scopes)},
    )
    return _of_row(added.one())


async def count(connection: AsyncConnection, user_id: str) -> int:
    """Return how many keys the user has that have not run out."""
    counted = await connection.execute(
        text("SELECT count(*) FROM api_key WHERE user_id = :user_id AND (expires_at IS NULL OR expires_at > now())"),
        {"user_id": user_id},
    )
    return int(counted.scalar_one())


async def newest_first(
    connection: AsyncConnection, user_id: str, before: int | None = None, limit: int | None = None
) -> list[ApiKey]:
    """Return the user's keys, newest first, from below the serial number `before`."""
    found = await connection.execute(
        text(
            f"SELECT {_COLUMNS} FROM api_key WHERE user_id = :user_id"
            " AND (CAST(:before AS bigint) IS NULL OR serial < :before) ORDER BY serial DESC LIMIT :limit"
        ),
        {"user_id": user_id, "before": before, "limit": limit},
    )
    return [_of_row(row) for row in found]


async def delete(connection: AsyncConnection, user_id: str, api_key_id: str) -> bool:
    """Remove the user's key; False when it is not there."""
    deleted = await connection.execute(
        text("DELETE FROM api_key WHERE user_id = :user_id AND api_key_id = :api_key_id"),
        {"user_id": user_id, "api_key_id": api_key_id},
    )
    return deleted.rowcount == 1


async def use(connection: AsyncConnection, secret_hash: bytes) -> UsedKey | None:
    """Note that the key is used, and return it; None when it is unknown or has run out."""
    used = await connection.execute(
        text(
            "UPDATE api_key SET last_used_at = now()"
            " WHERE secret_hash = :secret_hash AND (expires_at IS NULL OR expires_at > now())"
            f" RETURNING {_COLUMNS}, ceil(extract(epoch FROM expires_at - now())) AS seconds_left"
        ),
        {"secret_hash": secret_hash},
    )
    row = used.first()
    if row is None:
        return None
    return UsedKey(_of_row(row), None if row.seconds_left is None else int(row.seconds_left))


def _of_row(row: Row[Any]) -> ApiKey:
    return ApiKey(
        serial=row.serial,
        api_key_id=row.api_key_id,
        user_id=row.user_id,
        name=row.name,
        scopes=tuple(row.scopes),
        created_at=row.created_at,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
    )
