"""Content that an operator took down: files and decoded audio with these hashes are not taken in again."""

import re
from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.errors import Forbidden, InvalidInput

_SHA256 = re.compile("[0-9a-f]{64}")
_LOCK = "hashtext('takedown')"


def digest(value: str, field: str) -> str:
    """Return a SHA-256 as it is stored, or raise `InvalidInput`."""
    lowered = value.lower()
    if not _SHA256.fullmatch(lowered):
        raise InvalidInput("SHA256_INVALID", f"The field '{field}' must be a SHA-256: 64 hex digits.", field=field)
    return lowered


async def add(connection: AsyncConnection, blocked: str, reason: str, operator_id: str) -> None:
    """Block a hash. Imports that are about to end wait for this transaction, and then find it."""
    await connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
    await connection.execute(
        text(
            "INSERT INTO blocked_content (hash, reason, blocked_by) VALUES (:hash, :reason, :by)"
            " ON CONFLICT (hash) DO UPDATE SET reason = excluded.reason, blocked_by = excluded.blocked_by"
        ),
        {"hash": blocked, "reason": reason, "by": operator_id},
    )


async def check(connection: AsyncConnection, digests: Sequence[str]) -> None:
    """Raise `Forbidden` if any of these is blocked; if none is, none will be before the transaction ends."""
    await connection.execute(text(f"SELECT pg_advisory_xact_lock_shared({_LOCK})"))
    blocked = await connection.scalar(
        text("SELECT EXISTS (SELECT FROM blocked_content WHERE hash = ANY(:hashes))"), {"hashes": list(digests)}
    )
    if blocked:
        raise Forbidden("CONTENT_BLOCKED", "This recording was taken down by an operator and is not taken in.")
