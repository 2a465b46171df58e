"""Watching a user's jobs: a snapshot, then changes, with live progress laid over what the read model knows."""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

from nats.aio.msg import Msg
from puremusic.gateway.v1 import gateway_pb2
from puremusic.job.v1 import job_pb2
from sqlalchemy.exc import SQLAlchemyError

from chassis.jetstream import Bus
from chassis.postgres import Database
from chassis.watching import keep_newer_progress, overlay
from chassis.work_record import now_timestamp
from services.gateway import folding
from services.gateway.store import jobs

log = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 15.0
REREAD_SECONDS = 3.0

Update = gateway_pb2.WatchJobsResponse


@dataclass
class Watches:
    """Everybody who watches. When the process leaves, they are told so and can go on with another one."""

    database: Database
    bus: Bus
    heartbeat_seconds: float = HEARTBEAT_SECONDS
    leaving: bool = False

    def of_owner(self, owner_id: str) -> "JobWatch":
        """Return a watch of all of a user's jobs."""
        return JobWatch(self, owner_id)

    def of_job(self, owner_id: str, job_id: str) -> "JobWatch":
        """Return a watch of one job of a user."""
        return JobWatch(self, owner_id, job_id)

    async def end(self) -> None:
        """Have every watch end soon."""
        self.leaving = True


@dataclass
class JobWatch:
    """One client's view. `known` holds the jobs that it was shown and that have not ended, as they were shown."""

    watches: Watches
    owner_id: str
    only: str = ""
    """The one job that is watched; empty: all."""
    known: dict[str, gateway_pb2.Job] = field(default_factory=dict)

    async def updates(self, job_ids: Sequence[str]) -> AsyncIterator[Update]:
        """Yield a snapshot, then every change, until the client leaves; a failure, told in band, comes last.

        Listening begins before the snapshot is read: nothing falls between. Hints may be lost; a look every 3 seconds makes
        up for that.
        """
        scope = f"{self.owner_id}.{self.only or '>'}"
        async with self.watches.bus.listening(f"view.{scope}", f"progress.*.{scope}") as messages:
            yield await self._snapshot(job_ids)
            try:
                async for update in self._changes(messages):
                    yield update
            except SQLAlchemyError as error:
                log.warning("watch ends", extra={"facts": {"error": repr(error)}})
                yield _failure("UNAVAILABLE", "The jobs can't be read right now. Connect again.")

    async def _changes(self, messages: "asyncio.Queue[Msg]") -> AsyncIterator[Update]:
        sent = read = time.monotonic()
        while not self.watches.leaving:
            updates: list[Update] = []
            with contextlib.suppress(TimeoutError):
                updates = await self._hear(await asyncio.wait_for(messages.get(), REREAD_SECONDS))
            if time.monotonic() - read >= REREAD_SECONDS:
                updates += await self._reread()
                read = time.monotonic()
            if not updates and time.monotonic() - sent >= self.watches.heartbeat_seconds:
                updates = [Update(heartbeat=now_timestamp())]
            for update in updates:
                yield update
                sent = time.monotonic()
        yield _failure("GOING_AWAY", "This server is being replaced. Connect again.")

    async def _snapshot(self, job_ids: Sequence[str]) -> Update:
        shown = {job.job_id: job for job in await self._read(job_ids)}
        self.known = {job_id: job for job_id, job in shown.items() if job.state not in folding.ENDED}
        return Update(snapshot=Update.Snapshot(jobs=shown.values()))

    async def _read(self, job_ids: Sequence[str]) -> list[gateway_pb2.Job]:
        """Return the watched jobs that have not ended, and those with these ids."""
        async with self.watches.database.transaction() as connection:
            if self.only:
                return await jobs.by_id(connection, self.owner_id, [self.only])
            unfinished = await jobs.unfinished(connection, self.owner_id)
            others = set(job_ids) - {job.job_id for job in unfinished}
            return unfinished + (await jobs.by_id(connection, self.owner_id, list(others)) if others else [])

    async def _hear(self, message: Msg) -> list[Update]:
        if message.subject.startswith("progress."):
            return self._progressed(job_pb2.Progress.FromString(message.data))
        job_id = message.data.decode()
        async with self.watches.database.transaction() as connection:
            job = await jobs.find(connection, self.owner_id, job_id)
        return self._changed(job) if job else self._gone(job_id)

    async def _reread(self) -> list[Update]:
        present = {job.job_id: job for job in await self._read(list(self.known))}
        gone = [update for job_id in self.known.keys() - present.keys() for update in self._gone(job_id)]
        # What has ended and is not known was told when it ended.
        news = [job for job in present.values() if job.job_id in self.known or job.state not in folding.ENDED]
        return gone + [update for job in news for update in self._changed(job)]

    def _progressed(self, hint: job_pb2.Progress) -> list[Update]:
        job = self.known.get(hint.job_id)
        return [Update(job=job)] if job and overlay(job.work, hint) else []

    def _changed(self, job: gateway_pb2.Job) -> list[Update]:
        before = self.known.pop(job.job_id, None)
        if job.state not in folding.ENDED:
            if before:
                keep_newer_progress(before, job)
            self.known[job.job_id] = job
        return [Update(job=job)] if job != before else []

    def _gone(self, job_id: str) -> list[Update]:
        self.known.pop(job_id, None)
        return [Update(deleted_job_id=job_id)]


def _failure(reason: str, message: str) -> Update:
    return Update(failure=job_pb2.Failure(reason=reason, message=message))
