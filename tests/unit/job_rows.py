"""A job's row, for tests that need one: `replace(JOB, ...)` says what matters."""

from datetime import UTC, datetime
from typing import Final

from chassis.jobs import Job

JOB: Final = Job(
    job_id="job",
    owner_id="owner",
    pool="jobs.service.pool",
    state="pending",
    attempt=0,
    max_attempts=4,
    cancel_requested=False,
    progress=0.0,
    stage="",
    eta_seconds=None,
    failure_reason="",
    failure_message="",
    device="",
    engine_seconds=0.0,
    bytes_read=0,
    bytes_written=0,
    trace={},
    created_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
    started_at=None,
    finished_at=None,
)
"""One that has just been enqueued."""
