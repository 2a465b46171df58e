"""The worker's side of a job: hear the doorbell, claim, compute with a heartbeat, complete behind the fencing token."""

import asyncio
import contextlib
import logging
import os
import socket
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any

from nats.aio.msg import Msg
from opentelemetry.trace import SpanKind
from puremusic.job.v1 import job_pb2
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import jobs
from chassis.errors import DomainError, Unavailable
from chassis.jetstream import Bus
from chassis.jobs import Announce, Effort, Job, JobConfig
from chassis.postgres import Database
from chassis.tasks import end, outlast
from chassis.telemetry import JOB_SECONDS, JOB_WAIT, JOBS_ENDED, JOBS_WAITING, JOBS_WAITING_SECONDS, LEASES_LOST, span

log = logging.getLogger(__name__)

PROGRESS_INTERVAL = 0.25
CANCEL_SECONDS = 0.75
"""How long a worker may not know that its job was cancelled: a second at most, with the step that it is in."""
IN_PROGRESS_SECONDS = 20.0
RETRY_SECONDS = 5.0


class Stopped(Exception):
    """The work was told to stop: cancelled, taken away, or handed back because the worker shuts down."""


class Deferred(Exception):
    """The work can't be done yet: it goes back into the queue, and this start does not count."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"for {seconds} s")
        self.seconds = seconds
        """After that it is tried again, unless `jobs.wake` rings earlier; 0: at once."""


Finish = Callable[[AsyncConnection], Awaitable[None]]
"""Writes the results, in the transaction that completes the job. Raising `DomainError` undoes it and fails the job; raising
`Deferred` undoes it and hands the job back."""


class Run:
    """One attempt at a job, as the handler sees it. Every method may be called from any thread."""

    def __init__(self, job: Job, publish: Callable[[bytes], None]) -> None:
        self.job = job
        self.began = time.monotonic()
        self.progress = 0.0
        self.stage = ""
        self.eta_seconds: float | None = None
        self.device = ""
        self.engine_seconds = 0.0
        self.bytes_read = 0
        self.bytes_written = 0
        self._publish = publish
        self._published = 0.0
        self._stop = threading.Event()
        self._when_stopped: list[Callable[[], None]] = []

    def report(self, progress: float, stage: str, eta_seconds: float | None = None) -> None:
        """Say how far it is, 0 to 1, and what is being done."""
        changed = stage != self.stage
        self.progress, self.stage, self.eta_seconds = min(max(progress, 0.0), 1.0), stage, eta_seconds
        now = time.monotonic()
        if changed or now - self._published >= PROGRESS_INTERVAL:
            self._published = now
            hint = job_pb2.Progress(
                job_id=self.job.job_id, progress=self.progress, stage=stage, attempt=self.job.attempt
            )
            if eta_seconds is not None:
                hint.eta_seconds = eta_seconds
            self._publish(hint.SerializeToString())

    def stopped(self) -> bool:
        """Whether the work should end now; long computations ask this between steps."""
        return self._stop.is_set()

    def check(self) -> None:
        """Raise `Stopped` if the work should end now."""
        if self.stopped():
            raise Stopped

    def stop(self) -> None:
        """Tell the work to end."""
        self._stop.set()
        for call in self._when_stopped:
            call()

    def when_stopped(self, call: Callable[[], None]) -> None:
        """Have `call` made (again at every reminder) when the work should end: for work that waits and can't ask."""
        self._when_stopped.append(call)
        if self.stopped():
            call()

    def effort(self) -> Effort:
        """Return what the attempt has cost so far."""
        return Effort(self.device, self.engine_seconds, self.bytes_read, self.bytes_written)


Handler = Callable[[Run], Awaitable[Finish]]
"""Does the work of one job. Raises `Stopped` when told to stop, `Deferred` when it is too early, `DomainError` when the job can
never succeed (but for `Unavailable`, which is tried again like any other exception)."""


@dataclass(frozen=True)
class Pool:
    """What a worker works on."""

    service: str
    pool: str
    progress_kind: str
    concurrency: int = 1

    @property
    def subject(self) -> str:
        """Where its doorbells ring."""
        return f"jobs.{self.service}.{self.pool}"


class Worker:
    """Works on the jobs of one pool until it is told to drain."""

    def __init__(
        self,
        database: Database,
        bus: Bus,
        config: JobConfig,
        pool: Pool,
        handler: Handler,
        announce: Announce,
    ) -> None:
        self._database = database
        self._bus = bus
        self._config = config
        self._pool = pool
        self._handler = handler
        self._announce = announce
        self._name = f"{socket.gethostname()}:{os.getpid()}"
        self._draining = False
        self._runs: set[Run] = set()
        self._serving: set[asyncio.Task[None]] = set()
        self._listening: set[asyncio.Task[None]] = set()

    def busy_seconds(self) -> float | None:
        """Return for how long the oldest job in hand has been worked on; None without one."""
        return max((time.monotonic() - run.began for run in self._runs), default=None)

    async def run(self) -> None:
        """Work until `drain`."""
        self._serving = {asyncio.create_task(self._serve()) for _ in range(self._pool.concurrency)}
        try:
            done, _ = await asyncio.wait(self._serving, return_when=asyncio.FIRST_EXCEPTION)
        finally:
            # A TaskGroup would cancel them once, and wait for ever for one that swallowed it.
            await outlast(asyncio.create_task(end(self._serving)))
        for task in done:
            if not task.cancelled():  # as `drain` ends those that listen
                task.result()

    async def drain(self) -> None:
        """Take no more jobs, tell the running ones to stop, and hand them back."""
        self._draining = True
        # First of all nobody here listens any more: a job that is handed back rings, and must not ring for us. What is
        # delivered to a process that leaves is delivered again only a minute later.
        await end(self._listening)
        for run in self._runs:
            run.stop()
        if self._serving:
            await asyncio.wait(self._serving)

    async def _serve(self) -> None:
        doorbells = self._bus.doorbells(self._pool.subject)
        while not self._draining:
            message = await self._listen(doorbells)
            async with _in_progress(message):
                await self._answer(message)
            await message.ack_sync()

    async def _listen(self, doorbells: AsyncIterator[Msg]) -> Msg:
        """Wait for a doorbell; `drain` may end this wait, and only this."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  # coroutines run in tasks
        self._listening.add(task)
        try:
            return await anext(doorbells)
        finally:
            self._listening.discard(task)

    async def _answer(self, message: Msg) -> None:
        """Work on the job that rang. Whatever happens, the row says so: the doorbell itself is done with."""
        job_id = message.data.decode()
        try:
            async with self._database.transaction() as connection:
                job = await jobs.claim(connection, job_id, self._name, self._config.lease_seconds)
                if job is None:
                    return
                await self._announce(connection, job_id)
        except DBAPIError as error:  # the sweeper rings again
            log.warning("claim failed", extra={"facts": {"job_id": job_id, "error": repr(error)}})
            return
        JOB_WAIT.observe(max(0.0, time.time() - job.created_at.timestamp()))
        with span(
            f"{self._pool.progress_kind} job", kind=SpanKind.CONSUMER, linked=job.trace, attributes={"job.id": job_id}
        ):
            await self._work(job)

    async def _work(self, job: Job) -> None:
        loop = asyncio.get_running_loop()
        subject = f"progress.{self._pool.progress_kind}.{job.owner_id}.{job.job_id}"

        def publish(payload: bytes) -> None:
            with contextlib.suppress(RuntimeError):  # the loop has ended: nobody listens any more
                asyncio.run_coroutine_threadsafe(self._bus.hint(subject, payload), loop)

        run = Run(job, publish)
        self._runs.add(run)
        if self._draining:  # it rang at the last moment
            run.stop()
        try:
            async with _background(self._heartbeats(run)):
                ending = await self._attempt(run)
            await self._settle(run, ending)
        finally:
            JOB_SECONDS.observe(time.monotonic() - run.began)
            self._runs.discard(run)

    async def _attempt(self, run: Run) -> "Finish | Exception":
        """Run the handler; what it raises is an answer too."""
        log.info("job starts", extra={"facts": {"job_id": run.job.job_id, "attempt": run.job.attempt}})
        try:
            return await self._handler(run)
        except Exception as error:  # every way in which work ends is settled below
            if not isinstance(error, Stopped | Deferred | DomainError):
                log.exception("job failed", extra={"facts": {"job_id": run.job.job_id}})
            return error

    async def _settle(self, run: Run, ending: "Finish | Exception") -> None:
        try:
            async with self._database.transaction() as connection:
                held = await self._write(connection, run, ending)
        except (DomainError, Deferred) as refusal:
            if isinstance(ending, Exception):
                raise
            await self._settle(run, refusal)  # the results were refused as they were written: that is the ending
            return
        except DBAPIError as error:  # the lease runs out and the sweeper hands the job on
            log.warning("result not written", extra={"facts": {"job_id": run.job.job_id, "error": repr(error)}})
            return
        if not held:
            LEASES_LOST.inc()
            log.warning("lease lost", extra={"facts": {"job_id": run.job.job_id, "attempt": run.job.attempt}})

    async def _write(self, connection: AsyncConnection, run: Run, ending: "Finish | Exception") -> bool:
        """Write how the attempt ended, if it still holds the job."""
        job = run.job
        if isinstance(ending, Deferred):
            return await self._hand_back(connection, job, ending.seconds, counted=False)
        if isinstance(ending, Stopped):
            present = (await jobs.find_many(connection, [job.job_id])).get(job.job_id)
            if present is None:  # deleted with what it worked for
                return False
            if self._draining and not present.cancel_requested:
                return await self._hand_back(connection, job, 0, counted=False)
            return await self._finish(connection, run, "cancelled")
        if isinstance(ending, DomainError) and not isinstance(ending, Unavailable):
            return await self._finish(connection, run, "failed", ending.reason, ending.message)
        if isinstance(ending, Exception):
            if job.attempt < job.max_attempts:
                return await self._hand_back(connection, job, RETRY_SECONDS * job.attempt, counted=True)
            return await self._finish(
                connection,
                run,
                "failed",
                "INTERNAL",
                "Something went wrong on our side. Try again; if it stays, tell us.",
            )
        return await self._finish(connection, run, "completed", write=ending)

    async def _finish(
        self,
        connection: AsyncConnection,
        run: Run,
        state: str,
        reason: str = "",
        message: str = "",
        write: Finish | None = None,
    ) -> bool:
        held = await jobs.finish(connection, run.job, state, run.effort(), reason, message)
        if held:
            if write:
                await write(connection)
            await self._announce(connection, run.job.job_id)
            JOBS_ENDED.labels(state).inc()
            log.info("job ends", extra={"facts": {"job_id": run.job.job_id, "state": state, "reason": reason}})
        return held

    async def _hand_back(self, connection: AsyncConnection, job: Job, delay: float, *, counted: bool) -> bool:
        held = await jobs.hand_back(connection, job, delay, counted=counted)
        if held:
            await self._announce(connection, job.job_id)
        return held

    async def _heartbeats(self, run: Run) -> None:
        while True:
            await asyncio.sleep(min(CANCEL_SECONDS, self._config.lease_seconds / 4))
            try:
                async with self._database.transaction() as connection:
                    beat = await jobs.heartbeat(
                        connection,
                        run.job,
                        self._config.lease_seconds,
                        run.progress,
                        run.stage,
                        run.eta_seconds,
                    )
            except DBAPIError as error:
                log.warning("heartbeat failed", extra={"facts": {"job_id": run.job.job_id, "error": repr(error)}})
                continue
            if beat.lost or beat.cancel_requested:
                run.stop()


async def sweep_for_ever(database: Database, config: JobConfig, announce: Announce) -> None:
    """Sweep the job table again and again; servers run this."""
    while True:
        try:
            async with database.transaction() as connection:
                await jobs.sweep(connection, config, announce)
                _show_waiting(await jobs.waiting(connection))
        except DBAPIError as error:
            log.warning("sweep failed", extra={"facts": {"error": repr(error)}})
        await asyncio.sleep(config.sweep_seconds)


def _show_waiting(pools: Mapping[str, tuple[int, float]]) -> None:
    JOBS_WAITING.clear()
    JOBS_WAITING_SECONDS.clear()
    for pool, (count, seconds) in pools.items():
        JOBS_WAITING.labels(pool).set(count)
        JOBS_WAITING_SECONDS.labels(pool).set(seconds)


@contextlib.asynccontextmanager
async def _background(work: Coroutine[Any, Any, None]):  # type: ignore[no-untyped-def]  # an async generator of nothing
    """Run `work` beside the block and end it with the block."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        await end([task])


def _in_progress(message: Msg) -> contextlib.AbstractAsyncContextManager[None]:
    """Keep the doorbell from being delivered again while its job is worked on."""

    async def extend() -> None:
        while True:
            await asyncio.sleep(IN_PROGRESS_SECONDS)
            await message.in_progress()

    manager: contextlib.AbstractAsyncContextManager[None] = _background(extend())
    return manager
