"""The worker against a real Postgres and a real bus: what becomes of a job, whatever happens to its worker."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import jobs
from chassis.errors import InvalidInput
from chassis.jetstream import Bus
from chassis.jobs import Job, JobConfig
from chassis.outbox import Relay
from chassis.postgres import Database
from chassis.tasks import end
from chassis.work import Deferred, Finish, Handler, Pool, Run, Stopped, Worker, sweep_for_ever
from tests.integration.chassis.conftest import Announcements
from tests.integration.chassis.test_jobs import enqueue, find
from tests.integration.chassis.waiting import until

POOL = Pool("mir", "cpu", "analysis")


async def nothing(connection: AsyncConnection) -> None:
    await connection.execute(text("SELECT 1"))


class Mesh:
    """A relay, a sweeper and any number of workers."""

    def __init__(self, schema: Database, wire: Bus, config: JobConfig, announce: Announcements) -> None:
        self.schema, self.wire, self.config, self.announce = schema, wire, config, announce
        self.tasks = [
            asyncio.create_task(Relay(schema, wire.publish).run()),
            asyncio.create_task(sweep_for_ever(schema, config, announce)),
        ]

    def worker(self, handler: Handler) -> tuple[Worker, "asyncio.Task[None]"]:
        worker = Worker(self.schema, self.wire, self.config, POOL, handler, self.announce)
        task = asyncio.create_task(worker.run())
        self.tasks.append(task)
        return worker, task

    async def ended(self, job_id: str) -> Job:
        async def look() -> Job | None:
            job = await find(self.schema, job_id)
            return job if job.ended else None

        return await until(look)

    async def close(self) -> None:
        await end(self.tasks)


@pytest.fixture
async def mesh(schema: Database, wire: Bus, quick: JobConfig, announcements: Announcements) -> AsyncIterator[Mesh]:
    made = Mesh(schema, wire, quick, announcements)
    yield made
    await made.close()


async def test_a_job_is_done_and_announced(mesh: Mesh) -> None:
    async def work(run: Run) -> Finish:
        run.engine_seconds += 0.25
        run.bytes_read += 7
        run.device = "cpu"
        return nothing

    mesh.worker(work)
    await enqueue(mesh.schema, mesh.config, "done")
    job = await mesh.ended("done")
    assert (job.state, job.attempt, job.engine_seconds, job.bytes_read, job.device) == ("completed", 1, 0.25, 7, "cpu")
    assert mesh.announce.made == [("done", "running"), ("done", "completed")]


async def test_a_worker_knows_how_long_it_has_been_busy(mesh: Mesh) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def work(run: Run) -> Finish:
        begun.set()
        await go_on.wait()
        return nothing

    worker, _ = mesh.worker(work)
    assert worker.busy_seconds() is None
    await enqueue(mesh.schema, mesh.config, "long")
    await begun.wait()
    first = worker.busy_seconds()
    assert first is not None
    assert 0 <= first <= (worker.busy_seconds() or 0)
    go_on.set()
    await mesh.ended("long")

    async def idle() -> bool:
        return worker.busy_seconds() is None

    await until(idle)


async def test_a_job_that_can_never_succeed_fails_with_its_reason(mesh: Mesh) -> None:
    async def work(run: Run) -> Finish:
        raise InvalidInput("NOT_AUDIO", "This is a picture.")

    mesh.worker(work)
    await enqueue(mesh.schema, mesh.config, "bad")
    job = await mesh.ended("bad")
    assert (job.state, job.failure_reason, job.failure_message, job.attempt) == (
        "failed",
        "NOT_AUDIO",
        "This is a picture.",
        1,
    )


async def test_a_worker_that_vanishes_is_replaced_and_fenced_off(mesh: Mesh) -> None:
    started = asyncio.Event()
    go_on = asyncio.Event()
    written: list[int] = []

    async def vanish(run: Run) -> Finish:
        started.set()
        await go_on.wait()
        return await finish(run)

    async def finish(run: Run) -> Finish:
        async def write(connection: AsyncConnection) -> None:
            written.append(run.job.attempt)

        return write

    worker, task = mesh.worker(vanish)
    await enqueue(mesh.schema, mesh.config, "lost")
    await started.wait()
    worker._heartbeats = _no_heartbeats  # type: ignore[method-assign, assignment]  # it hangs: alive, but silent
    task.cancel()
    mesh.worker(finish)
    job = await mesh.ended("lost")
    go_on.set()
    assert (job.state, job.attempt) == ("completed", 2)
    assert written == [2]


async def _no_heartbeats(_: Run) -> None:
    return


async def test_cancelling_stops_the_work(mesh: Mesh) -> None:
    started = asyncio.Event()

    async def work(run: Run) -> Finish:
        started.set()
        await asyncio.to_thread(_wait_for_stop, run)
        raise Stopped

    mesh.worker(work)
    await enqueue(mesh.schema, mesh.config, "cancel")
    await started.wait()
    async with mesh.schema.transaction() as connection:
        await jobs.request_cancel(connection, "cancel", mesh.announce)
    assert (await mesh.ended("cancel")).state == "cancelled"


def _wait_for_stop(run: Run) -> None:
    assert run._stop.wait(20)


async def test_a_draining_worker_hands_its_job_to_the_next(mesh: Mesh) -> None:
    started = asyncio.Event()

    async def long(run: Run) -> Finish:
        started.set()
        await asyncio.to_thread(_wait_for_stop, run)
        raise Stopped

    async def short(run: Run) -> Finish:
        return nothing

    worker, _ = mesh.worker(long)
    await enqueue(mesh.schema, mesh.config, "drain")
    await started.wait()
    await worker.drain()
    mesh.worker(short)
    job = await mesh.ended("drain")
    assert (job.state, job.attempt) == ("completed", 2)


async def test_a_lost_doorbell_is_rung_again(mesh: Mesh) -> None:
    async def work(run: Run) -> Finish:
        return nothing

    async with mesh.schema.transaction() as connection:
        await jobs.enqueue(connection, mesh.config, job_id="bell", owner_id="o", service="mir", pool="cpu")
        await connection.execute(text("DELETE FROM outbox"))
    mesh.worker(work)
    assert (await mesh.ended("bell")).state == "completed"


async def test_our_own_failures_are_tried_again_and_then_told(mesh: Mesh) -> None:
    attempts = []

    async def work(run: Run) -> Finish:
        attempts.append(run.job.attempt)
        async with mesh.schema.transaction() as connection:  # no waiting for the pause between attempts
            await connection.execute(text("SELECT 1"))
        raise RuntimeError("a bug of ours")

    mesh.worker(work)
    await enqueue(mesh.schema, mesh.config, "bug")

    async def hurry() -> bool:
        async with mesh.schema.transaction() as connection:
            await connection.execute(text("UPDATE job SET not_before = now() WHERE state = 'pending'"))
        return (await find(mesh.schema, "bug")).ended

    await until(hurry)
    job = await find(mesh.schema, "bug")
    assert (job.state, job.failure_reason, attempts) == ("failed", "INTERNAL", [1, 2, 3])
    assert "bug of ours" not in job.failure_message


async def test_a_job_that_comes_too_early_waits_until_it_is_woken(mesh: Mesh) -> None:
    attempts = []

    async def work(run: Run) -> Finish:
        attempts.append(run.job.attempt)
        if run.job.attempt == 1:
            raise Deferred(3600)
        return nothing

    mesh.worker(work)
    await enqueue(mesh.schema, mesh.config, "early")

    async def waits() -> bool:
        job = await find(mesh.schema, "early")
        return (job.state, job.attempt) == ("pending", 1)

    await until(waits)
    async with mesh.schema.transaction() as connection:
        await jobs.wake(connection, ["early"])
    job = await mesh.ended("early")
    assert (job.state, job.max_attempts, attempts) == ("completed", mesh.config.max_attempts + 1, [1, 2])


async def test_results_that_come_too_early_are_undone_and_made_again(mesh: Mesh) -> None:
    async def work(run: Run) -> Finish:
        async def write(connection: AsyncConnection) -> None:
            await connection.execute(text("UPDATE job SET device = device || 'written '"))
            if run.job.attempt < 3:
                raise Deferred(0)

        return write

    mesh.worker(work)
    await enqueue(mesh.schema, mesh.config, "undone")
    job = await mesh.ended("undone")
    assert (job.state, job.attempt, job.device) == ("completed", 3, "written ")
