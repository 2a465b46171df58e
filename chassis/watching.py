"""Watching one aggregate: a snapshot, then every change, with live progress laid over what the database knows."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Protocol, TypeVar

from puremusic.job.v1 import job_pb2

from chassis.jetstream import Bus

HEARTBEAT_SECONDS = 15.0
REREAD_SECONDS = 3.0


class HasWork(Protocol):
    """A resource that carries the record of its job."""

    @property
    def work(self) -> job_pb2.Work:
        """The record."""


W = TypeVar("W", bound=HasWork)


async def watch(
    bus: Bus,
    aggregate: str,
    owner_id: str,
    aggregate_id: str,
    read: Callable[[], Awaitable[W]],
    ended: Callable[[W], bool],
) -> AsyncIterator[W]:
    """Yield the resource now, at every change and every 15 seconds, until it has ended.

    Listening begins before the first read, so that nothing falls between the two; facts and progress are only reasons to
    look, and a look every 3 seconds makes up for lost ones.
    """
    subjects = (
        f"events.{aggregate}.*.{owner_id}.{aggregate_id}",
        f"progress.{aggregate}.{owner_id}.{aggregate_id}",
    )
    async with bus.listening(*subjects) as messages:
        present = await read()
        yield present
        sent, read_at = time.monotonic(), time.monotonic()
        while not ended(present):
            message = None
            with contextlib.suppress(TimeoutError):
                message = await asyncio.wait_for(messages.get(), REREAD_SECONDS)
            if message is not None and message.subject.startswith("progress."):
                changed = overlay(present.work, job_pb2.Progress.FromString(message.data))
            else:
                before, present = present, await read()
                changed = keep_newer_progress(before, present)
            if changed or time.monotonic() - sent >= HEARTBEAT_SECONDS or ended(present):
                yield present
                sent = time.monotonic()
            if time.monotonic() - read_at >= REREAD_SECONDS:
                before, present = present, await read()
                keep_newer_progress(before, present)
                read_at = time.monotonic()


def overlay(work: job_pb2.Work, hint: job_pb2.Progress) -> bool:
    """Lay a progress hint over a job's record; False when the hint is stale."""
    if hint.attempt < work.attempts or (hint.attempt == work.attempts and hint.progress < work.progress):
        return False
    work.progress, work.stage, work.attempts = hint.progress, hint.stage, hint.attempt
    if hint.HasField("eta_seconds"):
        work.eta_seconds = hint.eta_seconds
    return True


def keep_newer_progress(before: W, present: W) -> bool:
    """Keep live progress that the database has not heard of yet; True when anything else changed."""
    if before.work.attempts == present.work.attempts and before.work.progress > present.work.progress:
        present.work.progress, present.work.stage = before.work.progress, before.work.stage
        if before.work.HasField("eta_seconds"):
            present.work.eta_seconds = before.work.eta_seconds
    return before != present
