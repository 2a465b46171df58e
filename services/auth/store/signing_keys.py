"""Signing keys, the private halves sealed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

# Not now(): that is when the transaction began, perhaps before another one added the key that this one waited for.
_LATER = "clock_timestamp() + make_interval(secs => :seconds)"


@dataclass(frozen=True)
class SealedKey:
    """A row of `signing_key`; the private half is encrypted."""

    key_id: str
    public_key: bytes
    sealed_key: bytes
    signs_from: datetime


async def hold(connection: AsyncConnection) -> None:
    """Let nobody else add or remove a signing key until the transaction ends."""
    await connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('puremusic-signing-keys'))"))


async def add(
    connection: AsyncConnection, key_id: str, public_key: bytes, sealed_key: bytes, seconds: float
) -> datetime:
    """Add a key and return when it begins to sign: in so many seconds, and never before one that is there already."""
    added = await connection.execute(
        text(
            "INSERT INTO signing_key (key_id, public_key, sealed_key, signs_from) VALUES (:key_id, :public_key,"
            f" :sealed_key, greatest({_LATER}, (SELECT max(signs_from) + interval '1 second' FROM signing_key)))"
            " RETURNING signs_from"
        ),
        {"key_id": key_id, "public_key": public_key, "sealed_key": sealed_key, "seconds": seconds},
    )
    signs_from: datetime = added.scalar_one()
    return signs_from


async def present(connection: AsyncConnection) -> SealedKey | None:
    """Return the key that signs now."""
    found = await connection.execute(
        text(
            "SELECT key_id, public_key, sealed_key, signs_from FROM signing_key WHERE signs_from <= clock_timestamp()"
            " ORDER BY signs_from DESC LIMIT 1"
        )
    )
    row = found.first()
    return None if row is None else SealedKey(**row._mapping)


# A key stops signing when its successor begins; what it signed last runs out so many seconds later.
_SUPERSEDED = (
    "(SELECT min(successor.signs_from) FROM signing_key successor WHERE successor.signs_from > signing_key.signs_from)"
    " + make_interval(secs => :seconds) < clock_timestamp()"
)


async def public_keys(connection: AsyncConnection, seconds: float) -> Sequence[bytes]:
    """Return the public halves of the keys whose tokens, good for so many seconds, may still be about; newest first."""
    found = await connection.execute(
        text(f"SELECT public_key FROM signing_key WHERE ({_SUPERSEDED}) IS NOT TRUE ORDER BY signs_from DESC"),
        {"seconds": seconds},
    )
    return [bytes(row.public_key) for row in found]


async def forget(connection: AsyncConnection, seconds: float) -> int:
    """Remove the others; return how many."""
    forgotten = await connection.execute(text(f"DELETE FROM signing_key WHERE {_SUPERSEDED}"), {"seconds": seconds})
    return forgotten.rowcount
