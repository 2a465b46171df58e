"""A job's row as the contract shows it."""

from datetime import datetime

from google.protobuf.timestamp_pb2 import Timestamp
from puremusic.job.v1 import job_pb2

from chassis.jobs import Job


def to_timestamp(moment: datetime) -> Timestamp:
    """Return the moment (with a time zone) as protobuf's Timestamp."""
    stamp = Timestamp()
    stamp.FromDatetime(moment)
    return stamp


def to_work(job: Job) -> job_pb2.Work:
    """Return the job's record."""
    work = job_pb2.Work(
        progress=job.progress,
        stage=job.stage,
        device=job.device,
        engine_seconds=job.engine_seconds,
        attempts=job.attempt,
        bytes_read=job.bytes_read,
        bytes_written=job.bytes_written,
        create_time=to_timestamp(job.created_at),
    )
    if job.eta_seconds is not None:
        work.eta_seconds = job.eta_seconds
    if job.failure_reason:
        work.failure.CopyFrom(job_pb2.Failure(reason=job.failure_reason, message=job.failure_message))
    if job.started_at:
        work.start_time.CopyFrom(to_timestamp(job.started_at))
    if job.finished_at:
        work.finish_time.CopyFrom(to_timestamp(job.finished_at))
    return work


def now_timestamp() -> Timestamp:
    """Return the present moment."""
    stamp = Timestamp()
    stamp.GetCurrentTime()
    return stamp
