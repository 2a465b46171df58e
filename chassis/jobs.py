"""The one job model. Postgres is the truth, NATS is a doorbell.

A job is a row. Enqueueing inserts it and rings; claiming increments `attempt`, which is the fencing token (Kleppmann 2016);
a heartbeat extends the lease and brings back a wish to cancel; the completing UPDATE checks the token, so that a worker that
was taken for dead can't finish what another has taken over. A sweeper rings again for what NATS lost, and fails what ran out
of attempts or of time. Work is done at least once, results count exactly once.
"""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import outbox
from chassis.config import setting
from chassis.errors import Exhausted, NotFound
from chassis.telemetry import trace_headers

Announce = Callable[[AsyncConnection, str], Awaitable[None]]
"""Tells the world, in the transaction, that the job with this id changed."""

OPEN = ("pending", "running")


@dataclass(frozen=True)
class JobConfig:
    """How long workers may be silent, and how often work is tried."""

    lease_seconds: float = setting(
        "JOB_LEASE_SECONDS", "seconds without a heartbeat after which a job is taken over", 20.0
    )
    max_attempts: int = setting("JOB_MAX_ATTEMPTS", "starts of a job before it fails", 4)
    deadline_seconds: float = setting("JOB_DEADLINE_SECONDS", "seconds after creation at which a job fails", 6 * 3600.0)
    sweep_seconds: float = setting("JOB_SWEEP_SECONDS", "seconds between rounds of the sweeper", 5.0)
    ring_again_seconds: float = setting(
        "JOB_RING_AGAIN_SECONDS", "seconds a pending job waits before it is rung again", 60.0
    )
    per_user: int = setting("JOBS_PER_USER", "unfinished jobs a user may have", 20)


@dataclass(frozen=True)
class Job:
    """A job as it stands in its row."""

    job_id: str
    owner_id: str
    pool: str
    state: str
    attempt: int
    max_attempts: int
    cancel_requested: bool
    progress: float
    stage: str
    eta_seconds: float | None
    failure_reason: str
    failure_message: str
    device: str
    engine_seconds: float
    bytes_read: int
    bytes_written: int
    trace: Mapping[str, str]
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state not in OPEN


_COLUMNS = (
    "job_id, owner_id, pool, state, attempt, max_attempts, cancel_requested, progress, stage, eta_seconds,"
    " failure_reason, failure_message, device, engine_seconds, bytes_read, bytes_written, trace, created_at,"
    " started_at, finished_at"
)


def _job(row: Row[Any]) -> Job:
    return Job(**row._mapping)  # the documented way from a row to its names


async def enqueue(
    connection: AsyncConnection,
    config: JobConfig,
    *,
    job_id: str,
    owner_id: str,
    service: str,
    pool: str,
    limited: bool = True,
) -> None:
    """Insert a pending job and ring for it.

    Raises `Exhausted` when the owner has too many unfinished ones, unless the job is not `limited`: one that follows from a
    fact must not be lost, and is bounded by what caused it.
    """
    if limited:
        await _check_limit(connection, config, owner_id)
    await connection.execute(
        text(
            "INSERT INTO job (job_id, owner_id, pool, max_attempts, deadline, trace) VALUES (:id, :owner, :pool, :attempts,"
            " now() + make_interval(secs => :deadline), :trace)"
        ),
        {
            "id": job_id,
            "owner": owner_id,
            "pool": f"jobs.{service}.{pool}",
            "attempts": config.max_attempts,
            "deadline": config.deadline_seconds,
            "trace": json.dumps(trace_headers()),
        },
    )
    await ring(connection, job_id, f"jobs.{service}.{pool}", "0.0")


async def _check_limit(connection: AsyncConnection, config: JobConfig, owner_id: str) -> None:
    await connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('jobs:' || :owner))"), {"owner": owner_id})
    unfinished = await connection.scalar(
        text("SELECT count(*) FROM job WHERE owner_id = :owner AND state IN ('pending', 'running')"),
        {"owner": owner_id},
    )
    if (unfinished or 0) >= config.per_user:
        raise Exhausted(
            "TOO_MANY_JOBS",
            f"You have {unfinished} unfinished jobs of this kind, and {config.per_user} are allowed. Wait for one to end.",
            limit=config.per_user,
            used=unfinished,
        )


async def ring(connection: AsyncConnection, job_id: str, pool: str, occasion: str) -> None:
    """Put a doorbell into the outbox. The same occasion rings once."""
    await outbox.append(connection, pool, job_id.encode(), f"{job_id}:{occasion}")


async def find(connection: AsyncConnection, job_id: str) -> Job:
    """Return the job, or raise `NotFound`."""
    found = (
        await connection.execute(text(f"SELECT {_COLUMNS} FROM job WHERE job_id = :id"), {"id": job_id})
    ).first()  # constant columns
    if found is None:
        raise NotFound("JOB_NOT_FOUND", "There is no such job.")
    return _job(found)


async def find_many(connection: AsyncConnection, job_ids: list[str]) -> dict[str, Job]:
    """Return the jobs by id; unknown ids are left out."""
    found = await connection.execute(
        text(f"SELECT {_COLUMNS} FROM job WHERE job_id = ANY(:ids)"), {"ids": job_ids}
    )  # constant columns
    return {row.job_id: _job(row) for row in found}


async def claim(connection: AsyncConnection, job_id: str, worker: str, lease_seconds: float) -> Job | None:
    """Take the job, or return None when it has ended or another worker holds a live lease."""
    claimed = await connection.execute(
        text(
            "UPDATE job SET state = 'running', attempt = attempt + 1, worker = :worker, progress = 0, stage = '',"
            " eta_seconds = NULL, lease_until = now() + make_interval(secs => :lease),"
            " started_at = coalesce(started_at, now())"
            " WHERE job_id = :id AND NOT cancel_requested AND deadline > now() AND attempt < max_attempts"
            "   AND ((state = 'pending' AND not_before <= now()) OR (state = 'running' AND lease_until < now()))"
            f" RETURNING {_COLUMNS}"
        ),
        {"id": job_id, "worker": worker, "lease": lease_seconds},
    )
    row = claimed.first()
    return _job(row) if row else None


@dataclass(frozen=True)
class Beat:
    """What a heartbeat brought back."""

    lost: bool
    cancel_requested: bool


async def heartbeat(
    connection: AsyncConnection,
    job: Job,
    lease_seconds: float,
    progress: float,
    stage: str,
    eta: float | None,
) -> Beat:
    """Extend the lease and store progress. `lost`: the lease is another worker's now, or the job has ended."""
    beaten = await connection.execute(
        text(
            "UPDATE job SET lease_until = now() + make_interval(secs => :lease), progress = :progress, stage = :stage,"
            " eta_seconds = :eta WHERE job_id = :id AND attempt = :attempt AND state = 'running'"
            " RETURNING cancel_requested OR deadline < now() AS stop"
        ),
        {
            "lease": lease_seconds,
            "progress": progress,
            "stage": stage,
            "eta": eta,
            "id": job.job_id,
            "attempt": job.attempt,
        },
    )
    row = beaten.first()
    return Beat(lost=row is None, cancel_requested=bool(row and row.stop))


async def held(connection: AsyncConnection, job: Job) -> bool:
    """Say whether this attempt still holds the job; if so, it does until the transaction ends."""
    found = await connection.execute(
        text("SELECT 1 FROM job WHERE job_id = :id AND attempt = :attempt AND state = 'running' FOR UPDATE"),
        {"id": job.job_id, "attempt": job.attempt},
    )
    return found.first() is not None


@dataclass(frozen=True)
class Effort:
    """What an attempt has cost."""

    device: str = ""
    engine_seconds: float = 0.0
    bytes_read: int = 0
    bytes_written: int = 0


async def finish(
    connection: AsyncConnection, job: Job, state: str, effort: Effort, reason: str = "", message: str = ""
) -> bool:
    """End the job if this attempt still holds it; False: it does not, and nothing may be written."""
    ended = await connection.execute(
        text(
            "UPDATE job SET state = :state, finished_at = now(), lease_until = NULL, eta_seconds = NULL, stage = '',"
            " progress = CASE WHEN :state = 'completed' THEN 1 ELSE progress END,"
            " failure_reason = :reason, failure_message = :message, device = :device,"
            " engine_seconds = engine_seconds + :engine_seconds, bytes_read = bytes_read + :bytes_read,"
            " bytes_written = bytes_written + :bytes_written"
            " WHERE job_id = :id AND attempt = :attempt AND state = 'running'"
        ),
        {
            "state": state,
            "reason": reason,
            "message": message,
            "id": job.job_id,
            "attempt": job.attempt,
            **vars(effort),
        },
    )
    return ended.rowcount == 1


async def hand_back(connection: AsyncConnection, job: Job, delay_seconds: float, *, counted: bool) -> bool:
    """Put the job back into the queue, or end it if it was to be cancelled. `counted`: this start counts as an attempt."""
    # The token itself never goes back: an uncounted start raises the limit instead.
    returned = await connection.execute(
        text(
            "UPDATE job SET state = CASE WHEN cancel_requested THEN 'cancelled' ELSE 'pending' END,"
            " finished_at = CASE WHEN cancel_requested THEN now() END,"
            " lease_until = NULL, stage = '', eta_seconds = NULL, rung_at = now(),"
            " not_before = now() + make_interval(secs => :delay), max_attempts = max_attempts + :more"
            " WHERE job_id = :id AND attempt = :attempt AND state = 'running'"
        ),
        {"delay": delay_seconds, "more": 0 if counted else 1, "id": job.job_id, "attempt": job.attempt},
    )
    if returned.rowcount and not delay_seconds:
        await ring(connection, job.job_id, job.pool, f"{job.attempt}.back")
    return returned.rowcount == 1


async def wake(connection: AsyncConnection, job_ids: Sequence[str]) -> None:
    """Ring now for those of these jobs that were handed back for later."""
    woken = await connection.execute(
        text(
            "UPDATE job SET not_before = now(), rung_at = now() WHERE job_id = ANY(:ids) AND state = 'pending'"
            " AND not_before > now() RETURNING job_id, pool, attempt"
        ),
        {"ids": list(job_ids)},
    )
    for row in woken.all():
        await ring(connection, row.job_id, row.pool, f"{row.attempt}.woken")


async def request_cancel(connection: AsyncConnection, job_id: str, announce: Announce) -> None:
    """Cancel a pending job at once and a running one at its next heartbeat. An ended one stays as it is."""
    # One statement: between two of them a worker could hand the job back.
    cancelled = await connection.scalar(
        text(
            "UPDATE job SET cancel_requested = true,"
            " state = CASE WHEN state = 'pending' THEN 'cancelled' ELSE state END,"
            " finished_at = CASE WHEN state = 'pending' THEN now() END"
            " WHERE job_id = :id AND state IN ('pending', 'running') RETURNING state = 'cancelled'"
        ),
        {"id": job_id},
    )
    if cancelled:
        await announce(connection, job_id)


async def waiting(connection: AsyncConnection) -> dict[str, tuple[int, float]]:
    """Return per pool how many jobs could be begun and are not, and for how many seconds the first of them has waited.

    A job that was handed back waits anew: what it has been through before is no sign of too few workers.
    """
    found = await connection.execute(
        text(
            "SELECT pool, count(*) AS jobs, extract(epoch FROM now() - min(greatest(created_at, not_before))) AS seconds"
            " FROM job WHERE state = 'pending' AND not_before <= now() GROUP BY pool"
        )
    )
    return {row.pool: (row.jobs, float(row.seconds)) for row in found}


async def sweep(connection: AsyncConnection, config: JobConfig, announce: Announce) -> int:
    """Ring again for jobs whose worker or doorbell was lost, and end those that can't go on. Returns how many it touched."""
    due = await connection.execute(
        text(
            f"SELECT {_COLUMNS}, deadline < now() AS late, rings FROM job"  # constant columns
            " WHERE (state IN ('pending', 'running') AND deadline < now())"
            "    OR (state = 'running' AND lease_until < now() AND (cancel_requested OR attempt >= max_attempts"
            # Rung once when the lease has run out: while no worker is there, more of it would only pile up.
            "        OR rung_at < lease_until OR rung_at < now() - make_interval(secs => :again)))"
            "    OR (state = 'pending' AND not_before <= now() AND"
            "        (rung_at < now() - make_interval(secs => :again) OR rung_at < not_before))"
            " ORDER BY created_at LIMIT 100 FOR UPDATE SKIP LOCKED"
        ),
        {"again": config.ring_again_seconds},
    )
    rows = due.all()
    for row in rows:
        job = Job(**{name: value for name, value in row._mapping.items() if name not in ("late", "rings")})
        ending = _ending(job, late=row.late)
        if ending:
            await _end(connection, job, *ending)
            await announce(connection, job.job_id)
        else:
            await connection.execute(
                text("UPDATE job SET rung_at = now(), rings = rings + 1 WHERE job_id = :id"),
                {"id": job.job_id},
            )
            await ring(connection, job.job_id, job.pool, f"{job.attempt}.{row.rings + 1}")
    return len(rows)


def _ending(job: Job, *, late: bool) -> tuple[str, str, str] | None:
    """State, reason and message of a job that can't go on; None if it can."""
    if job.cancel_requested:
        return "cancelled", "", ""
    if late:
        return (
            "failed",
            "DEADLINE_EXCEEDED",
            "It took longer than allowed. Try again; if it happens again, tell the operator.",
        )
    if job.attempt >= job.max_attempts:
        return (
            "failed",
            "ATTEMPTS_EXHAUSTED",
            f"It was started {job.attempt} times and every worker was lost. Try again later.",
        )
    return None


async def _end(connection: AsyncConnection, job: Job, state: str, reason: str, message: str) -> None:
    await connection.execute(
        text(
            "UPDATE job SET state = :state, failure_reason = :reason, failure_message = :message, finished_at = now(),"
            " lease_until = NULL WHERE job_id = :id"
        ),
        {"state": state, "reason": reason, "message": message, "id": job.job_id},
    )
