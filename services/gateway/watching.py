"""Watching all of a user's jobs: a snapshot, then changes, with live progress laid over what the read model knows."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

from nats.aio.msg import Msg
from puremusic.gateway.v1 import gateway_pb2
from puremusic.job.v1 import job_pb2

from chassis.jetstream import Bus
from chassis.postgres import Database
from chassis.watching import keep_newer_progress, overlay
from chassis.work_record import now_timestamp
from services.gateway import folding, store

HEARTBEAT_SECONDS = 15.0

Update = gateway_pb2.WatchJobsResponse


@dataclass
class JobWatch:
    """One client's view. `known` holds the jobs that it was shown and that have not ended."""

    database: Database
    bus: Bus
    owner_id: str
    known: dict[str, gateway_pb2.Job] = field(default_factory=dict)

    async def updates(self, job_ids: Sequence[str]) -> AsyncIterator[Update]:
        """Yield a snapshot, then every change, for ever. Listening begins before the snapshot is read: nothing falls between."""
        async with self.bus.listening(f"view.{self.owner_id}.>", f"progress.*.{self.owner_id}.>") as messages:
            yield await self._snapshot(job_ids)
            while True:
                try:
                    message = await asyncio.wait_for(messages.get(), HEARTBEAT_SECONDS)
                except TimeoutError:
                    yield Update(heartbeat=now_timestamp())
                    continue
                update = await self._update(message)
                if update:
                    yield update

    async def _snapshot(self, job_ids: Sequence[str]) -> Update:
        async with self.database.transaction() as connection:
            jobs = {job.job_id: job for job in await store.unfinished_jobs(connection, self.owner_id)}
            for job in await store.jobs_by_id(connection, self.owner_id, job_ids):
                jobs[job.job_id] = job
        self.known = dict(jobs)
        return Update(snapshot=Update.Snapshot(jobs=jobs.values()))

    async def _update(self, message: Msg) -> Update | None:
        if message.subject.startswith("progress."):
            return self._progressed(job_pb2.Progress.FromString(message.data))
        return await self._changed(message.data.decode())

    def _progressed(self, hint: job_pb2.Progress) -> Update | None:
        job = self.known.get(hint.job_id)
        if job is None or job.state in folding.ENDED or not overlay(job.work, hint):
            return None
        return Update(job=job)

    async def _changed(self, job_id: str) -> Update | None:
        async with self.database.transaction() as connection:
            job = await store.job(connection, self.owner_id, job_id)
        before = self.known.pop(job_id, None)
        if job is None:
            return Update(deleted_job_id=job_id) if before else None
        if before and job.state not in folding.ENDED:
            keep_newer_progress(before, job)
        self.known[job_id] = job
        return Update(job=job) if job != before else None
