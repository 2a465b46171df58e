"""A job that failed through no fault of its input may be tried again, under the same id."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import jobs
from chassis.jobs import Job, JobConfig

OUR_FAULT = frozenset(("INTERNAL", "ATTEMPTS_EXHAUSTED", "DEADLINE_EXCEEDED"))
"""Reasons with which the chassis ends jobs: each says nothing about what the job worked on."""


def may_reopen(job: Job) -> bool:
    """Say whether trying the job again could end differently."""
    return job.state == "failed" and job.failure_reason in OUR_FAULT


async def reopen(connection: AsyncConnection, config: JobConfig, job: Job) -> bool:
    """Make a failed job pending again, with as many attempts and as much time as a new one. False: somebody else did.

    The fencing token goes on counting, so that a worker of an earlier attempt can't finish a later one.
    """
    reopened = await connection.execute(
        text(
            "UPDATE job SET state = 'pending', max_attempts = attempt + :attempts, cancel_requested = false,"
            " deadline = now() + make_interval(secs => :deadline), not_before = now(), rung_at = now(), progress = 0,"
            " failure_reason = '', failure_message = '', finished_at = NULL"
            " WHERE job_id = :id AND attempt = :attempt AND state = 'failed'"
        ),
        {
            "attempts": config.max_attempts,
            "deadline": config.deadline_seconds,
            "id": job.job_id,
            "attempt": job.attempt,
        },
    )
    if reopened.rowcount:
        await jobs.ring(connection, job.job_id, job.pool, f"{job.attempt}.again")
    return reopened.rowcount == 1
