"""What ingest knows of a track's owner: how much they keep, and what they have asked for lately."""

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection


@dataclass(frozen=True)
class Usage:
    """What an owner keeps. The bytes of refused files do not count: they are removed."""

    tracks: int
    storage_bytes: int


async def lock(connection: AsyncConnection, owner_id: str) -> None:
    """Let nobody else add tracks of this owner until the transaction ends."""
    await connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('tracks:' || :owner))"), {"owner": owner_id})


async def usage(connection: AsyncConnection, owner_id: str) -> Usage:
    """Return what the owner keeps now, files still to be uploaded included."""
    found = await connection.execute(
        text(
            "SELECT count(*) AS tracks, coalesce(sum(size_bytes) FILTER (WHERE NOT bytes_removed), 0) AS bytes"
            " FROM track WHERE owner_id = :owner"
        ),
        {"owner": owner_id},
    )
    row = found.one()
    return Usage(row.tracks, int(row.bytes))


async def forget_requests(connection: AsyncConnection, owner_id: str) -> None:
    """Forget what the owner has asked for lately."""
    await connection.execute(text("DELETE FROM idempotency_key WHERE owner_id = :owner"), {"owner": owner_id})
