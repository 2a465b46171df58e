"""Adding up what work has cost."""

from puremusic.gateway.v1 import gateway_pb2
from puremusic.job.v1 import job_pb2
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection


async def of_owner(connection: AsyncConnection, owner_id: str) -> gateway_pb2.Usage:
    """Add up what the owner's work has cost, deleted work included."""
    found = await connection.execute(
        text(
            "SELECT kind, count(*) AS jobs, count(*) FILTER (WHERE state = :completed) AS completed,"
            " count(*) FILTER (WHERE state = :failed) AS failed, sum(engine_seconds) AS engine_seconds,"
            " sum(bytes_read) AS bytes_read, sum(bytes_written) AS bytes_written, sum(stored_bytes) AS stored_bytes"
            " FROM job WHERE owner_id = :owner GROUP BY kind ORDER BY kind"
        ),
        {"owner": owner_id, "completed": job_pb2.JOB_STATE_COMPLETED, "failed": job_pb2.JOB_STATE_FAILED},
    )
    usage = gateway_pb2.Usage()
    for row in found:
        usage.kinds.add(
            kind=row.kind,
            jobs=row.jobs,
            completed=row.completed,
            failed=row.failed,
            engine_seconds=row.engine_seconds,
            bytes_read=int(row.bytes_read),
            bytes_written=int(row.bytes_written),
        )
        usage.engine_seconds += row.engine_seconds
        usage.stored_bytes += int(row.stored_bytes)
    tracks = await connection.scalar(text("SELECT count(*) FROM track WHERE owner_id = :owner"), {"owner": owner_id})
    usage.tracks = int(tracks or 0)
    return usage
