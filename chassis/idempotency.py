"""Idempotency keys: for 24 hours, the same key with the same request returns what the first call made."""

import hashlib
from collections.abc import Awaitable, Callable

from google.protobuf.message import Message
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.errors import Conflict, InvalidInput

MAX_LENGTH = 100
WINDOW = "24 hours"


async def once(
    connection: AsyncConnection,
    owner_id: str,
    method: str,
    key: str,
    request: Message,
    make: Callable[[], Awaitable[str]],
) -> str:
    """Return the id of the resource that `make` creates, or that an earlier call with this key created.

    The request's own field `idempotency_key` does not count when requests are compared.

    Raises `Conflict` when the key came with another request. Without a key every call makes a new one.
    """
    if not key:
        return await make()
    if len(key) > MAX_LENGTH:
        raise InvalidInput("IDEMPOTENCY_KEY_TOO_LONG", f"An idempotency key has at most {MAX_LENGTH} characters.")
    fingerprint = _fingerprint(request)
    where = {"owner": owner_id, "method": method, "key": key}
    await connection.execute(
        text("SELECT pg_advisory_xact_lock(hashtext('once:' || :owner || :method || :key))"), where
    )
    await connection.execute(
        text(f"DELETE FROM idempotency_key WHERE created_at < now() - interval '{WINDOW}'")
    )  # constant
    known = await connection.execute(
        text(
            "SELECT fingerprint, resource_id FROM idempotency_key"
            " WHERE owner_id = :owner AND method = :method AND key = :key"
        ),
        where,
    )
    row = known.first()
    if row is not None:
        if row.fingerprint != fingerprint:
            raise Conflict(
                "IDEMPOTENCY_CONFLICT",
                "This idempotency key was used with another request. Use a new key.",
                key=key,
            )
        return str(row.resource_id)
    made = await make()
    await connection.execute(
        text(
            "INSERT INTO idempotency_key (owner_id, method, key, fingerprint, resource_id)"
            " VALUES (:owner, :method, :key, :fingerprint, :made)"
        ),
        {**where, "fingerprint": fingerprint, "made": made},
    )
    return made


async def forget(connection: AsyncConnection, owner_id: str) -> None:
    """Forget what a user who is gone has asked for lately."""
    await connection.execute(text("DELETE FROM idempotency_key WHERE owner_id = :owner"), {"owner": owner_id})


def _fingerprint(request: Message) -> str:
    bare = type(request)()
    bare.CopyFrom(request)
    bare.ClearField("idempotency_key")
    return hashlib.sha256(bare.SerializeToString(deterministic=True)).hexdigest()
