"""The read model in gateway's schema. It holds nothing that the services could not announce again."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp
from puremusic.gateway.v1 import gateway_pb2
from puremusic.ingest.v1 import ingest_pb2
from puremusic.job.v1 import job_pb2
from puremusic.mir.v1 import mir_pb2
from puremusic.separation.v1 import separation_pb2
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.paging import Page
from services.gateway import folding

TABLES = ("track", "separation", "analysis", "job", "applied_event")


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
            " WHERE analysis.created_at <= excluded.created_at"
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


async def upsert_job(connection: AsyncConnection, owner_id: str, job: gateway_pb2.Job, stored_bytes: int) -> None:
    """Keep a job's newest state."""
    await connection.execute(
        text(
            "INSERT INTO job (job_id, owner_id, kind, state, track_id, stored_bytes, engine_seconds, bytes_read,"
            " bytes_written, created_at, message) VALUES (:id, :owner, :kind, :state, :track, :stored, :engine, :read,"
            " :written, :created, :message) ON CONFLICT (job_id) DO UPDATE SET state = excluded.state,"
            " stored_bytes = excluded.stored_bytes, engine_seconds = excluded.engine_seconds,"
            " bytes_read = excluded.bytes_read, bytes_written = excluded.bytes_written, message = excluded.message"
        ),
        {
            "id": job.job_id,
            "owner": owner_id,
            "kind": job.kind,
            "state": job.state,
            "track": job.track_id,
            "stored": stored_bytes,
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


async def hide_job(connection: AsyncConnection, job_id: str) -> None:
    """Show a job no more, but keep what it has cost: usage counts deleted work too."""
    await connection.execute(text("UPDATE job SET deleted = true, stored_bytes = 0 WHERE job_id = :id"), {"id": job_id})


async def delete_owner(connection: AsyncConnection, owner_id: str) -> None:
    """Forget everything of a user who is gone."""
    for table in ("track", "separation", "analysis", "job"):
        await connection.execute(text(f"DELETE FROM {table} WHERE owner_id = :owner"), {"owner": owner_id})


async def empty(connection: AsyncConnection) -> None:
    """Forget everything, to be told it again."""
    for table in TABLES:
        await connection.execute(text(f"DELETE FROM {table}"))


_JOBS = "SELECT j.job_id, j.message, j.created_at, coalesce(t.title, '') AS title FROM job j LEFT JOIN track t USING (track_id)"


def _job(row: Row[Any]) -> gateway_pb2.Job:
    job = gateway_pb2.Job.FromString(bytes(row.message))
    job.title = row.title or job.title
    return job


async def job(connection: AsyncConnection, owner_id: str, job_id: str) -> gateway_pb2.Job | None:
    """Return one of the owner's jobs; None if there is no such one."""
    found = await jobs_by_id(connection, owner_id, [job_id])
    return found[0] if found else None


async def jobs_by_id(connection: AsyncConnection, owner_id: str, job_ids: Sequence[str]) -> list[gateway_pb2.Job]:
    """Return those of the owner's jobs that have these ids."""
    found = await connection.execute(
        text(f"{_JOBS} WHERE j.owner_id = :owner AND NOT j.deleted AND j.job_id = ANY(:ids)"),
        {"owner": owner_id, "ids": list(job_ids)},
    )
    return [_job(row) for row in found]


async def unfinished_jobs(connection: AsyncConnection, owner_id: str) -> list[gateway_pb2.Job]:
    """Return the owner's jobs that have not ended, oldest first."""
    found = await connection.execute(
        text(f"{_JOBS} WHERE j.owner_id = :owner AND NOT j.deleted AND j.state <> ALL(:ended) ORDER BY j.created_at"),
        {"owner": owner_id, "ended": sorted(folding.ENDED)},
    )
    return [_job(row) for row in found]


async def page_of_jobs(
    connection: AsyncConnection, owner_id: str, page: Page, kind: int, state: int
) -> list[tuple[datetime, gateway_pb2.Job]]:
    """Return one more than a page of the owner's jobs, newest first; kind and state 0 mean any."""
    after = "AND (j.created_at, j.job_id) < (CAST(:moment AS timestamptz), :id)" if page.after else ""
    found = await connection.execute(
        text(
            f"{_JOBS} WHERE j.owner_id = :owner AND NOT j.deleted AND (:kind = 0 OR j.kind = :kind)"
            f" AND (:state = 0 OR j.state = :state) {after} ORDER BY j.created_at DESC, j.job_id DESC LIMIT :limit"
        ),
        {
            "owner": owner_id,
            "kind": kind,
            "state": state,
            "limit": page.size + 1,
            **({"moment": page.after[0], "id": page.after[-1]} if page.after else {}),
        },
    )
    return [(row.created_at, _job(row)) for row in found]


_CARDS = "SELECT status, track, newest_separation, done_separation, analysis"

# Per order: the sort key as an expression that is never NULL, its type, and the direction.
_ORDERS = {
    gateway_pb2.CARD_ORDER_NEWEST: ("created_at", "timestamptz", "DESC"),
    gateway_pb2.CARD_ORDER_OLDEST: ("created_at", "timestamptz", "ASC"),
    gateway_pb2.CARD_ORDER_TITLE: ("lower(title)", "text", "ASC"),
    gateway_pb2.CARD_ORDER_TEMPO: ("coalesce(tempo_bpm, 1e9)", "double precision", "ASC"),
    # 1A, 1B, 2A, … 12B; unknown keys last.
    gateway_pb2.CARD_ORDER_KEY: ("lpad(coalesce(camelot, '~'), 3, '0')", "text", "ASC"),
    gateway_pb2.CARD_ORDER_DURATION: ("duration_seconds", "double precision", "ASC"),
}


def _card(row: Row[Any]) -> gateway_pb2.TrackCard:
    return folding.to_card(
        row.status,
        ingest_pb2.Track.FromString(bytes(row.track)),
        separation_pb2.Separation.FromString(bytes(row.newest_separation)) if row.newest_separation else None,
        separation_pb2.Separation.FromString(bytes(row.done_separation)) if row.done_separation else None,
        mir_pb2.Analysis.FromString(bytes(row.analysis)) if row.analysis else None,
    )


async def card(connection: AsyncConnection, owner_id: str, track_id: str) -> gateway_pb2.TrackCard | None:
    """Return one of the owner's cards; None if there is no such one."""
    found = await connection.execute(
        text(f"{_CARDS} FROM card WHERE owner_id = :owner AND track_id = :id"), {"owner": owner_id, "id": track_id}
    )
    row = found.first()
    return _card(row) if row else None


async def page_of_cards(
    connection: AsyncConnection, owner_id: str, page: Page, request: gateway_pb2.ListCardsRequest
) -> tuple[list[tuple[str, gateway_pb2.TrackCard]], int]:
    """Return one more than a page of cards, each with its sort key as text, and how many match in all."""
    key, kind, direction = _ORDERS[request.order or gateway_pb2.CARD_ORDER_NEWEST]
    where = (
        "owner_id = :owner AND (:status = '' OR status = :status) AND (title ILIKE :search OR filename ILIKE :search)"
    )
    values: dict[str, object] = {
        "owner": owner_id,
        "status": folding.CARD_STATUS_NAMES.get(request.status, ""),
        "search": f"%{_escaped(request.search)}%",
    }
    total = await connection.scalar(text(f"SELECT count(*) FROM card WHERE {where}"), values)
    after = ""
    if page.after:
        comparison = "<" if direction == "DESC" else ">"
        after = f"AND ({key}, track_id) {comparison} (CAST(:key AS {kind}), :id)"
        values |= {"key": page.after[0], "id": page.after[-1]}
    found = await connection.execute(
        text(
            f"{_CARDS}, CAST({key} AS text) AS sort_key FROM card WHERE {where} {after}"
            f" ORDER BY {key} {direction}, track_id {direction} LIMIT :limit"
        ),
        {**values, "limit": page.size + 1},
    )
    return [(row.sort_key, _card(row)) for row in found], int(total or 0)


def _escaped(search: str) -> str:
    return search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


async def usage(connection: AsyncConnection, owner_id: str) -> gateway_pb2.Usage:
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
