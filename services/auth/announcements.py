"""The facts that auth tells the mesh."""

import uuid
from datetime import UTC, datetime

from puremusic.auth.v1 import events_pb2
from puremusic.event.v1 import event_pb2
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import outbox
from chassis.work_record import to_timestamp


async def announce(connection: AsyncConnection, user_id: str, version: int, deleted: bool) -> None:
    """Say, when the transaction commits, that a user registered or is gone."""
    meta = event_pb2.EventMeta(
        event_id=uuid.uuid4().hex,
        owner_id=user_id,
        aggregate_id=user_id,
        version=version,
        time=to_timestamp(datetime.now(UTC)),
    )
    fact = "deleted" if deleted else "registered"
    payload = events_pb2.UserChanged(meta=meta, deleted=deleted).SerializeToString()
    await outbox.append(connection, f"events.user.{fact}.{user_id}.{user_id}", payload, meta.event_id)
