"""Keeping and forgetting the newest state of everything, as facts tell it."""

from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp
from puremusic.gateway.v1 import gateway_pb2
from puremusic.ingest.v1 import ingest_pb2
from puremusic.mir.v1 import mir_pb2
from puremusic.separation.v1 import separation_pb2
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import outbox
from services.gateway import folding


async def upsert_track(connection: AsyncConnection, track: ingest_pb2.Track) -> None:
    """Keep a track's newest state."""
    await connection.execute(
        text(
            "INSERT INTO track (track_id, owner_id, title, filename, status, duration_seconds, created_at, message)"
            " VALUES (:id, :owner, :title, :filename, :status, :duration, :created, :message)"
            " ON CONFLICT (track_id) DO UPDATE SET title = excluded.title, status = excluded.status,"
            " duration_seconds = excluded.duration_seconds, message = excluded.message"
        ),
        {
            "id": track.track_id,
            "owner": track.user_id,
            "title": track.title,
            "filename": track.original_filename,
            "status": folding.TRACK_STATUS_NAMES[track.status],
            "duration": track.audio.duration_seconds,
            "created": _moment(track.create_time),
            "message": track.SerializeToString(),
        },
    )


async def upsert_separation(connection: AsyncConnection, separation: separation_pb2.Separation) -> None:
    """Keep a separation's newest state."""
    await connection.execute(
        text(
            "INSERT INTO separation (separation_id, owner_id, track_id, state, created_at, message)"
            " VALUES (:id, :owner, :track, :state, :created, :message)"
            " ON CONFLICT (separation_id) DO UPDATE SET state = excluded.state, message = excluded.message"
        ),
        {
            "id": separation.separation_id,
            "owner": separation.user_id,
            "track": separation.track_id,
            "state": folding.STATE_NAMES[folding.job_of_separation(separation).state],
            "created": _moment(separation.work.create_time),
            "message": separation.SerializeToString(),
        },
    )


async def upsert_analysis(connection: AsyncConnection, analysis: mir_pb2.Analysis) -> None:
    """Keep an analysis' newest state, unless the track has a later analysis already."""
    await connection.execute(
        text(
            "INSERT INTO analysis (track_id, analysis_id, owner_id, tempo_bpm, camelot, created_at, message)"
            " VALUES (:track, :id, :owner, :tempo, :camelot, :created, :message)"
            " ON CONFLICT (track_id) DO UPDATE SET analysis_id = excluded.analysis_id, tempo_bpm = excluded.tempo_bpm,"
            " camelot = excluded.camelot, created_at = excluded.created_at, message = excluded.message"
            " WHERE (analysis.created_at, analysis.analysis_id) <= (excluded.created_at, excluded.analysis_id)"
        ),
        {
            "track": analysis.track_id,
            "id": analysis.analysis_id,
            "owner": analysis.user_id,
            "tempo": analysis.tempo.bpm if analysis.HasField("tempo") else None,
            "camelot": analysis.key.camelot if analysis.HasField("key") else None,
            "created": _moment(analysis.work.create_time),
            "message": analysis.SerializeToString(),
        },
    )


async def upsert_job(
    connection: AsyncConnection, owner_id: str, job: gateway_pb2.Job, stored_bytes: int, *, deleted: bool = False
) -> None:
    """Keep a job's newest state. A deleted one is shown no more, but what it has cost still counts."""
    await connection.execute(
        text(
            "INSERT INTO job (job_id, owner_id, kind, state, track_id, deleted, stored_bytes, engine_seconds, bytes_read,"
            " bytes_written, created_at, message) VALUES (:id, :owner, :kind, :state, :track, :deleted, :stored, :engine,"
            " :read, :written, :created, :message) ON CONFLICT (job_id) DO UPDATE SET state = excluded.state,"
            " deleted = excluded.deleted, stored_bytes = excluded.stored_bytes, engine_seconds = excluded.engine_seconds,"
            " bytes_read = excluded.bytes_read, bytes_written = excluded.bytes_written, message = excluded.message"
        ),
        {
            "id": job.job_id,
            "owner": owner_id,
            "kind": job.kind,
            "state": job.state,
            "track": job.track_id,
            "deleted": deleted,
            "stored": 0 if deleted else stored_bytes,
            "engine": job.work.engine_seconds,
            "read": job.work.bytes_read,
            "written": job.work.bytes_written,
            "created": _moment(job.work.create_time),
            "message": job.SerializeToString(),
        },
    )


def _moment(stamp: Timestamp) -> datetime:
    return stamp.ToDatetime(UTC)


async def delete_track(connection: AsyncConnection, track_id: str) -> None:
    """Forget a track."""
    await connection.execute(text("DELETE FROM track WHERE track_id = :id"), {"id": track_id})


async def delete_separation(connection: AsyncConnection, separation_id: str) -> None:
    """Forget a separation."""
    await connection.execute(text("DELETE FROM separation WHERE separation_id = :id"), {"id": separation_id})


async def delete_analysis(connection: AsyncConnection, analysis_id: str) -> None:
    """Forget an analysis."""
    await connection.execute(text("DELETE FROM analysis WHERE analysis_id = :id"), {"id": analysis_id})


async def delete_owner(connection: AsyncConnection, owner_id: str) -> None:
    """Forget everything of a user who is gone, costs included."""
    for table in ("track", "separation", "analysis", "job"):
        await connection.execute(text(f"DELETE FROM {table} WHERE owner_id = :owner"), {"owner": owner_id})


async def empty(connection: AsyncConnection) -> None:
    """Forget all that the services can tell again: everything but what is gone, and what that has cost."""
    for table in ("track", "separation", "analysis"):
        await connection.execute(text(f"DELETE FROM {table}"))
    await connection.execute(text("DELETE FROM job WHERE NOT deleted"))
    await connection.execute(text("DELETE FROM applied_event WHERE version < :gone"), {"gone": outbox.GONE})
