"""The analyses in mir's schema. A track has at most one: a new one takes the old one's place."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.errors import NotFound


@dataclass(frozen=True)
class Findings:
    """What was heard; None where nothing could be."""

    tempo_bpm: float | None = None
    tempo_confidence: float | None = None
    key_name: str = ""
    key_tonic: int | None = None
    key_mode: str | None = None
    key_confidence: float | None = None
    loudness_lufs: float | None = None
    tuning_cents: float | None = None


@dataclass(frozen=True)
class AnalysisRow:
    """An analysis as it stands in its row."""

    analysis_id: str
    owner_id: str
    track_id: str
    master_key: str
    duration_seconds: float
    version: int
    findings: Findings


_FINDINGS = ", ".join(Findings.__dataclass_fields__)
_COLUMNS = f"analysis_id, owner_id, track_id, master_key, duration_seconds, version, {_FINDINGS}"


async def _read(connection: AsyncConnection, where: str, **values: object) -> list[AnalysisRow]:
    found = await connection.execute(text(f"SELECT {_COLUMNS} FROM analysis WHERE {where}"), values)
    rows = []
    for row in found.mappings():
        plain = dict(row)
        findings = Findings(**{name: plain.pop(name) for name in Findings.__dataclass_fields__})
        rows.append(AnalysisRow(findings=findings, **plain))
    return rows


async def lock_track(connection: AsyncConnection, track_id: str) -> None:
    """Until the transaction ends, nobody else asks for an analysis of this track."""
    await connection.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended('analysis:' || :track, 0))"), {"track": track_id}
    )


async def insert(
    connection: AsyncConnection,
    analysis_id: str,
    owner_id: str,
    track_id: str,
    master_key: str,
    duration_seconds: float,
) -> None:
    """Insert an analysis without findings; its job is there already."""
    await connection.execute(
        text(
            "INSERT INTO analysis (analysis_id, owner_id, track_id, master_key, duration_seconds)"
            " VALUES (:id, :owner, :track, :master, :duration)"
        ),
        {"id": analysis_id, "owner": owner_id, "track": track_id, "master": master_key, "duration": duration_seconds},
    )


async def by_id(connection: AsyncConnection, analysis_id: str) -> AnalysisRow:
    """Return the analysis that this job makes, or raise `NotFound`."""
    rows = await _read(connection, "analysis_id = :id", id=analysis_id)
    if not rows:
        raise NotFound("ANALYSIS_NOT_FOUND", "There is no such analysis.")
    return rows[0]


async def of_tracks(connection: AsyncConnection, owner_id: str, track_ids: Sequence[str]) -> list[AnalysisRow]:
    """Return the owner's analyses of these tracks."""
    return await _read(
        connection, "owner_id = :owner AND track_id = ANY(:tracks)", owner=owner_id, tracks=list(track_ids)
    )


async def of_track_any_owner(connection: AsyncConnection, track_id: str) -> list[AnalysisRow]:
    """Return the track's analysis, if there is one."""
    return await _read(connection, "track_id = :track", track=track_id)


async def of_owner(connection: AsyncConnection, owner_id: str) -> list[AnalysisRow]:
    """Return all of an owner's analyses."""
    return await _read(connection, "owner_id = :owner", owner=owner_id)


async def ids(connection: AsyncConnection) -> list[str]:
    """Return every analysis' id."""
    return list(await connection.scalars(text("SELECT analysis_id FROM analysis ORDER BY created_at")))


async def next_version(connection: AsyncConnection, analysis_id: str) -> int:
    """Count a change and return its number."""
    version = await connection.scalar(
        text("UPDATE analysis SET version = version + 1 WHERE analysis_id = :id RETURNING version"), {"id": analysis_id}
    )
    return int(version or 0)


async def write_findings(connection: AsyncConnection, analysis_id: str, findings: Findings) -> None:
    """Store what was heard."""
    assignments = ", ".join(f"{name} = :{name}" for name in Findings.__dataclass_fields__)
    await connection.execute(
        text(f"UPDATE analysis SET {assignments} WHERE analysis_id = :id"), {"id": analysis_id, **vars(findings)}
    )


async def delete(connection: AsyncConnection, analysis_id: str) -> None:
    """Delete an analysis and its job; a worker on it loses its lease."""
    await connection.execute(text("DELETE FROM job WHERE job_id = :id"), {"id": analysis_id})
