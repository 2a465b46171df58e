"""The job model against a real Postgres: claims, fencing, leases, limits, endings."""

import asyncio

import pytest
from sqlalchemy import text

from chassis import jobs
from chassis.errors import Exhausted
from chassis.jobs import Effort, Job, JobConfig
from chassis.postgres import Database
from tests.integration.chassis.conftest import Announcements


async def enqueue(
    schema: Database, config: JobConfig, job_id: str, owner: str = "owner", *, limited: bool = True
) -> None:
    async with schema.transaction() as connection:
        await jobs.enqueue(
            connection, config, job_id=job_id, owner_id=owner, service="mir", pool="cpu", limited=limited
        )


async def claim(schema: Database, job_id: str, worker: str = "w", lease: float = 30) -> Job | None:
    async with schema.transaction() as connection:
        return await jobs.claim(connection, job_id, worker, lease)


async def claimed(schema: Database, job_id: str, lease: float = 30) -> Job:
    job = await claim(schema, job_id, lease=lease)
    assert job is not None
    return job


async def find(schema: Database, job_id: str) -> Job:
    async with schema.transaction() as connection:
        return await jobs.find(connection, job_id)


async def expire(schema: Database, job_id: str) -> None:
    async with schema.transaction() as connection:
        await connection.execute(
            text(
                "UPDATE job SET lease_until = now() - interval '1 second', rung_at = now() - interval '2 seconds'"
                " WHERE job_id = :id"
            ),
            {"id": job_id},
        )


async def sweep(schema: Database, config: JobConfig, announce: Announcements) -> int:
    async with schema.transaction() as connection:
        return await jobs.sweep(connection, config, announce)


async def bells(schema: Database) -> int:
    async with schema.transaction() as connection:
        return int(await connection.scalar(text("SELECT count(*) FROM outbox WHERE subject = 'jobs.mir.cpu'")) or 0)


async def waiting(schema: Database) -> dict[str, tuple[int, float]]:
    async with schema.transaction() as connection:
        return await jobs.waiting(connection)


async def test_who_waits_is_counted_and_for_how_long(schema: Database, quick: JobConfig) -> None:
    assert await waiting(schema) == {}
    await enqueue(schema, quick, "first")
    await enqueue(schema, quick, "second")
    async with schema.transaction() as connection:
        await connection.execute(
            text(
                "UPDATE job SET created_at = past, not_before = past"
                " FROM (SELECT now() - interval '1 minute' AS past) AS earlier WHERE job_id = 'first'"
            )
        )
    count, seconds = (await waiting(schema))["jobs.mir.cpu"]
    assert count == 2
    assert 60 <= seconds < 90
    job = await claimed(schema, "first")
    count, seconds = (await waiting(schema))["jobs.mir.cpu"]
    assert count == 1
    assert seconds < 30
    async with schema.transaction() as connection:  # handed back: it waits anew, and not before its time
        await jobs.hand_back(connection, job, 0, counted=False)
    count, seconds = (await waiting(schema))["jobs.mir.cpu"]
    assert count == 2
    assert seconds < 30


async def test_a_job_that_is_put_off_waits_for_nobody(schema: Database, quick: JobConfig) -> None:
    await enqueue(schema, quick, "j")
    job = await claimed(schema, "j")
    async with schema.transaction() as connection:
        await jobs.hand_back(connection, job, 60, counted=True)
    assert await waiting(schema) == {}


async def test_of_many_claims_one_wins(schema: Database, quick: JobConfig) -> None:
    await enqueue(schema, quick, "j")
    won = [job for job in await asyncio.gather(*(claim(schema, "j", f"w{n}") for n in range(8))) if job]
    assert [job.attempt for job in won] == [1]


async def test_enqueueing_rings_in_the_same_transaction(schema: Database, quick: JobConfig) -> None:
    await enqueue(schema, quick, "j")
    assert await bells(schema) == 1


async def test_a_worker_that_was_taken_for_dead_cannot_finish(schema: Database, quick: JobConfig) -> None:
    await enqueue(schema, quick, "j")
    first = await claimed(schema, "j")
    await expire(schema, "j")
    second = await claimed(schema, "j")
    async with schema.transaction() as connection:
        assert (await jobs.heartbeat(connection, first, 30, 0.5, "", None)).lost
        assert not await jobs.finish(connection, first, "completed", Effort())
        assert await jobs.finish(connection, second, "completed", Effort(engine_seconds=1.5))
    job = await find(schema, "j")
    assert (job.state, job.attempt, job.engine_seconds, job.progress) == ("completed", 2, 1.5, 1.0)


async def test_an_ended_job_is_never_claimed_again(schema: Database, quick: JobConfig) -> None:
    await enqueue(schema, quick, "j")
    job = await claimed(schema, "j")
    async with schema.transaction() as connection:
        assert await jobs.finish(connection, job, "failed", Effort(), "WHY", "Because.")
    assert await claim(schema, "j") is None


async def test_a_user_s_unfinished_jobs_are_limited_but_facts_are_not_lost(schema: Database, quick: JobConfig) -> None:
    for number in range(3):
        await enqueue(schema, quick, f"j{number}")
    with pytest.raises(Exhausted) as caught:
        await enqueue(schema, quick, "j3")
    assert caught.value.metadata == {"limit": "3", "used": "3"}
    await enqueue(schema, quick, "j3", owner="another")
    await enqueue(schema, quick, "j4", limited=False)


async def test_the_limit_holds_against_a_race(schema: Database, quick: JobConfig) -> None:
    outcomes = await asyncio.gather(
        *(enqueue(schema, quick, f"j{number}") for number in range(6)), return_exceptions=True
    )
    assert sum(outcome is None for outcome in outcomes) == 3


async def test_cancelling_a_pending_job_ends_it_at_once(
    schema: Database, quick: JobConfig, announcements: Announcements
) -> None:
    await enqueue(schema, quick, "j")
    async with schema.transaction() as connection:
        await jobs.request_cancel(connection, "j", announcements)
    assert announcements.made == [("j", "cancelled")]
    assert await claim(schema, "j") is None


async def test_cancelling_a_running_job_reaches_its_worker(
    schema: Database, quick: JobConfig, announcements: Announcements
) -> None:
    await enqueue(schema, quick, "j")
    job = await claimed(schema, "j")
    async with schema.transaction() as connection:
        await jobs.request_cancel(connection, "j", announcements)
        beat = await jobs.heartbeat(connection, job, 30, 0.1, "", None)
    assert (beat.lost, beat.cancel_requested) == (False, True)


async def test_the_sweeper_rings_for_a_lost_worker(
    schema: Database, quick: JobConfig, announcements: Announcements
) -> None:
    await enqueue(schema, quick, "j")
    await claimed(schema, "j")
    await expire(schema, "j")
    assert await sweep(schema, quick, announcements) == 1
    assert await bells(schema) == 2


async def test_the_sweeper_leaves_healthy_jobs_alone(
    schema: Database, quick: JobConfig, announcements: Announcements
) -> None:
    await enqueue(schema, quick, "a")
    await enqueue(schema, quick, "b")
    await claimed(schema, "b")
    assert await sweep(schema, quick, announcements) == 0


@pytest.mark.parametrize(
    ("change", "state", "reason"),
    [
        ("attempt = max_attempts", "failed", "ATTEMPTS_EXHAUSTED"),
        ("deadline = now() - interval '1 second'", "failed", "DEADLINE_EXCEEDED"),
        ("cancel_requested = true", "cancelled", ""),
    ],
)
async def test_the_sweeper_ends_what_cannot_go_on(
    schema: Database, quick: JobConfig, announcements: Announcements, change: str, state: str, reason: str
) -> None:
    await enqueue(schema, quick, "j")
    await claimed(schema, "j")
    await expire(schema, "j")
    async with schema.transaction() as connection:
        await connection.execute(text(f"UPDATE job SET {change}"))
    await sweep(schema, quick, announcements)
    job = await find(schema, "j")
    assert (job.state, job.failure_reason) == (state, reason)
    assert announcements.made == [("j", state)]


async def test_handing_back_at_shutdown_costs_no_attempt(schema: Database, quick: JobConfig) -> None:
    await enqueue(schema, quick, "j")
    for _ in range(5):  # more often than there are attempts
        job = await claimed(schema, "j")
        async with schema.transaction() as connection:
            assert await jobs.hand_back(connection, job, 0, counted=False)
    assert (await find(schema, "j")).state == "pending"


async def test_a_job_handed_back_for_later_waits(schema: Database, quick: JobConfig) -> None:
    await enqueue(schema, quick, "j")
    job = await claimed(schema, "j")
    async with schema.transaction() as connection:
        assert await jobs.hand_back(connection, job, 60, counted=True)
    assert await claim(schema, "j") is None


async def test_cancelling_reaches_a_job_that_is_being_handed_back(
    schema: Database, quick: JobConfig, announcements: Announcements
) -> None:
    await enqueue(schema, quick, "j")
    job = await claimed(schema, "j")
    async with schema.transaction() as connection:
        await jobs.request_cancel(connection, "j", announcements)
        assert await jobs.hand_back(connection, job, 60, counted=False)
    job = await find(schema, "j")
    assert (job.state, job.finished_at is None) == ("cancelled", False)


async def test_only_jobs_that_wait_are_woken_and_once(schema: Database, quick: JobConfig) -> None:
    for job_id in ("waits", "runs", "due"):
        await enqueue(schema, quick, job_id)
    waits = await claimed(schema, "waits")
    await claimed(schema, "runs")
    before = await bells(schema)
    async with schema.transaction() as connection:
        assert await jobs.hand_back(connection, waits, 60, counted=False)
    for _ in range(2):
        async with schema.transaction() as connection:
            await jobs.wake(connection, ["waits", "runs", "due", "nothing"])
    assert await bells(schema) == before + 1
    assert (await claimed(schema, "waits")).attempt == 2
