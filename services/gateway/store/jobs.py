"""Reading jobs of all kinds."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from puremusic.gateway.v1 import gateway_pb2
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.gateway import folding
from services.gateway.positions import JobPosition

_JOBS = "SELECT j.job_id, j.message, j.created_at, coalesce(t.title, '') AS title FROM job j LEFT JOIN track t USING (track_id)"


def _job(row: Row[Any]) -> gateway_pb2.Job:
    job = gateway_pb2.Job.FromString(bytes(row.message))
    job.title = row.title or job.title
    return job


async def find(connection: AsyncConnection, owner_id: str, job_id: str) -> gateway_pb2.Job | None:
    """Return one of the owner's jobs; None if there is no such one."""
    found = await by_id(connection, owner_id, [job_id])
    return found[0] if found else None


async def by_id(connection: AsyncConnection, owner_id: str, job_ids: Sequence[str]) -> list[gateway_pb2.Job]:
    """Return those of the owner's jobs that have these ids."""
    found = await connection.execute(
        text(f"{_JOBS} WHERE j.owner_id = :owner AND NOT j.deleted AND j.job_id = ANY(:ids)"),
        {"owner": owner_id, "ids": list(job_ids)},
    )
    return [_job(row) for row in found]


async def unfinished(connection: AsyncConnection, owner_id: str) -> list[gateway_pb2.Job]:
    """Return the owner's jobs that have not ended, oldest first."""
    found = await connection.execute(
        text(f"{_JOBS} WHERE j.owner_id = :owner AND NOT j.deleted AND j.state <> ALL(:ended) ORDER BY j.created_at"),
        {"owner": owner_id, "ended": sorted(folding.ENDED)},
    )
    return [_job(row) for row in found]


async def newest(
    connection: AsyncConnection, owner_id: str, count: int, after: JobPosition | None, kind: int, state: int
) -> list[tuple[datetime, gateway_pb2.Job]]:
    """Return the owner's newest jobs, of those that come after a position; kind and state 0 mean any."""
    conditions = ["j.owner_id = :owner AND NOT j.deleted"]
    values: dict[str, object] = {"owner": owner_id, "count": count}
    if kind:
        conditions.append("j.kind = :kind")
        values["kind"] = kind
    if state:
        conditions.append("j.state = :state")
        values["state"] = state
    if after:
        conditions.append("(j.created_at, j.job_id) < (:moment, :id)")
        values |= {"moment": after.created_at, "id": after.job_id}
    found = await connection.execute(
        text(f"{_JOBS} WHERE {' AND '.join(conditions)} ORDER BY j.created_at DESC, j.job_id DESC LIMIT :count"), values
    )
    return [(row.created_at, _job(row)) for row in found]
