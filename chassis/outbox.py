"""The transactional outbox: what a transaction wants to say is a row of the same transaction; a relay publishes it.

Rows are taken with FOR UPDATE SKIP LOCKED, never by `id > last`: sequences have gaps, and a gap would lose a row. NOTIFY wakes
the relay at commit, so a fact is on the bus within milliseconds; a timer makes up for a lost notification.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping

import psycopg
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.errors import Unavailable
from chassis.postgres import Database
from chassis.telemetry import OUTBOX_LAG, OUTBOX_PUBLISHED, trace_headers

log = logging.getLogger(__name__)

CHANNEL = "outbox"
BATCH = 50
IDLE_SECONDS = 2.0
GONE = 2**63 - 1
"""The version of what is deleted: there is none newer."""

Publish = Callable[[str, bytes, str, Mapping[str, str]], Awaitable[None]]
"""Publishes (subject, payload, message id, headers) and returns once the stream has stored it."""


async def append(connection: AsyncConnection, subject: str, payload: bytes, message_id: str) -> None:
    """Say something when, and only when, the transaction commits."""
    await connection.execute(
        text("INSERT INTO outbox (subject, message_id, payload, headers) VALUES (:subject, :id, :payload, :headers)"),
        {"subject": subject, "id": message_id, "payload": payload, "headers": json.dumps(trace_headers())},
    )
    await connection.execute(text("SELECT pg_notify(:channel || '_' || current_user, '')"), {"channel": CHANNEL})


class Relay:
    """Publishes the outbox. Any number may run: each row is published by one at a time, and again only after a crash."""

    def __init__(self, database: Database, publish: Publish) -> None:
        self._database = database
        self._publish = publish

    async def run(self) -> None:
        """Publish for ever, through losses of the database and of the bus."""
        while True:
            try:
                await self._listen()
            except (Unavailable, DBAPIError, psycopg.Error, OSError, TimeoutError) as error:
                log.warning("outbox relay pauses", extra={"facts": {"error": repr(error)}})
                await asyncio.sleep(1)

    async def _listen(self) -> None:
        connection = await self._database.listen(f"{CHANNEL}_{self._database.schema}")
        async with connection:
            while True:
                while await self.publish_batch():
                    pass
                async for _ in connection.notifies(timeout=IDLE_SECONDS, stop_after=1):
                    pass

    async def publish_batch(self) -> int:
        """Publish up to `BATCH` rows in order and return how many."""
        async with self._database.transaction() as connection:
            found = await connection.execute(
                text(
                    "SELECT id, subject, message_id, payload, headers, extract(epoch FROM now() - created_at) AS age"
                    " FROM outbox ORDER BY id LIMIT :batch FOR UPDATE SKIP LOCKED"
                ),
                {"batch": BATCH},
            )
            rows = found.all()
            OUTBOX_LAG.set(max((float(row.age) for row in rows), default=0.0))
            for row in rows:
                await self._publish(row.subject, bytes(row.payload), row.message_id, row.headers)
            await connection.execute(text("DELETE FROM outbox WHERE id = ANY(:ids)"), {"ids": [row.id for row in rows]})
        OUTBOX_PUBLISHED.inc(len(rows))
        return len(rows)


async def newer(connection: AsyncConnection, aggregate_id: str, version: int) -> bool:
    """Say whether this version of an aggregate was not applied yet, and remember it (within the transaction)."""
    applied = await connection.execute(
        text(
            "INSERT INTO applied_event (aggregate_id, version) VALUES (:id, :version) ON CONFLICT (aggregate_id)"
            " DO UPDATE SET version = excluded.version WHERE applied_event.version < excluded.version"
        ),
        {"id": aggregate_id, "version": version},
    )
    return applied.rowcount == 1


async def bury(connection: AsyncConnection, aggregate_id: str) -> bool:
    """Remember for good that an aggregate is gone; False: that was known. No fact about it is news from here on.

    Waits for the transactions that found it alive (`buried`), so that what they add is there to be removed.
    """
    await connection.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended('gone:' || :id, 0))"), {"id": aggregate_id}
    )
    return await newer(connection, aggregate_id, GONE)


async def buried(connection: AsyncConnection, *aggregate_ids: str) -> bool:
    """Say whether one of these is gone. If not, none can go before the transaction ends.

    To be asked before `newer`: a burial, too, locks first and writes then.
    """
    await connection.execute(
        text(
            "SELECT pg_advisory_xact_lock_shared(hashtextextended('gone:' || id, 0))"
            " FROM unnest(CAST(:ids AS text[])) AS id"
        ),
        {"ids": list(aggregate_ids)},
    )
    gone = await connection.scalar(
        text("SELECT EXISTS (SELECT FROM applied_event WHERE aggregate_id = ANY(:ids) AND version = :gone)"),
        {"ids": list(aggregate_ids), "gone": GONE},
    )
    return bool(gone)
