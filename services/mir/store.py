"""The analyses in mir's schema. A track has at most one: a new one takes the old one's place.

What outlives a track's analyses is in `track_store`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.errors import NotFound
from services.mir import documents
from services.mir.analysis.corrections import NO_CORRECTIONS, Corrections
from services.mir.analysis.findings import Analysis
from services.mir.documents import StemFile


@dataclass(frozen=True)
class Track:
    """What an analysis needs to know of a track."""

    track_id: str
    owner_id: str
    master_key: str
    duration_seconds: float


@dataclass(frozen=True)
class AnalysisRow:
    """An analysis as it stands in its row, and what a person said about its track."""

    analysis_id: str
    track: Track
    version: int = 0
    heard: Analysis | None = None
    """Without corrections; None until something was heard."""
    stems: Mapping[str, StemFile] = field(default_factory=dict)
    """The stems that were known when it was heard, by name."""
    files: Mapping[str, int] = field(default_factory=dict)
    """Sizes of what was drawn, by name."""
    corrections: Corrections = NO_CORRECTIONS


_WHOLE = "findings"
# What lists do not show need not be read, unless it is needed to correct what they show.
_BASIC = (
    "CASE WHEN corrections IS NOT NULL THEN findings"
    " ELSE findings - ARRAY['beats', 'chords', 'sections', 'passages', 'key_sections'] END AS findings"
)


async def _read(connection: AsyncConnection, where: str, findings: str = _WHOLE, **values: object) -> list[AnalysisRow]:
    found = await connection.execute(
        text(
            f"SELECT analysis_id, owner_id, track_id, master_key, duration_seconds, version, {findings}, stems, files,"
            f" corrections FROM analysis LEFT JOIN correction USING (track_id, owner_id) WHERE {where}"  # constants
        ),
        values,
    )
    return [_row(row) for row in found.mappings()]


def _row(row: Mapping[Any, Any]) -> AnalysisRow:
    return AnalysisRow(
        analysis_id=row["analysis_id"],
        track=Track(row["track_id"], row["owner_id"], row["master_key"], row["duration_seconds"]),
        version=row["version"],
        heard=documents.to_findings(row["findings"]) if row["findings"] else None,
        stems=documents.to_stems(row["stems"]),
        files=row["files"],
        corrections=documents.to_corrections(row["corrections"]) if row["corrections"] else NO_CORRECTIONS,
    )


async def lock_track(connection: AsyncConnection, track_id: str) -> None:
    """Until the transaction ends, nobody else changes what there is of this track."""
    await connection.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended('analysis:' || :track, 0))"), {"track": track_id}
    )


async def insert(connection: AsyncConnection, analysis_id: str, track: Track, earlier: AnalysisRow | None) -> None:
    """Insert an analysis; its job is there already. What an earlier one heard stands until this one has heard more."""
    heard = earlier.heard if earlier else None
    await connection.execute(
        text(
            "INSERT INTO analysis (analysis_id, owner_id, track_id, master_key, duration_seconds, findings, stems, files)"
            " VALUES (:id, :owner, :track, :master, :duration, :findings, :stems, :files)"
        ),
        {
            "id": analysis_id,
            "owner": track.owner_id,
            "track": track.track_id,
            "master": track.master_key,
            "duration": track.duration_seconds,
            "findings": documents.to_json(heard) if heard else None,
            "stems": documents.stems_to_json(earlier.stems if earlier else {}),
            "files": json.dumps(dict(earlier.files) if earlier else {}),
        },
    )


async def by_id(connection: AsyncConnection, analysis_id: str) -> AnalysisRow:
    """Return the analysis that this job makes, or raise `NotFound`."""
    rows = await _read(connection, "analysis_id = :id", id=analysis_id)
    if not rows:
        raise NotFound("ANALYSIS_NOT_FOUND", "There is no such analysis.")
    return rows[0]


async def of_tracks(
    connection: AsyncConnection, owner_id: str, track_ids: Sequence[str], *, full: bool = True
) -> list[AnalysisRow]:
    """Return the owner's analyses of these tracks; unless `full`, without what the BASIC view leaves out."""
    return await _read(
        connection,
        "owner_id = :owner AND track_id = ANY(:tracks)",
        _WHOLE if full else _BASIC,
        owner=owner_id,
        tracks=list(track_ids),
    )


async def of_track_any_owner(connection: AsyncConnection, track_id: str) -> AnalysisRow | None:
    """Return the track's analysis, if there is one."""
    return next(iter(await _read(connection, "track_id = :track", track=track_id)), None)


async def of_owner(connection: AsyncConnection, owner_id: str) -> list[AnalysisRow]:
    """Return all of an owner's analyses."""
    return await _read(connection, "owner_id = :owner", owner=owner_id)


async def ids(connection: AsyncConnection) -> list[str]:
    """Return every analysis' id."""
    return list(await connection.scalars(text("SELECT analysis_id FROM analysis ORDER BY created_at")))


async def tracks_among(connection: AsyncConnection, track_ids: Sequence[str]) -> set[str]:
    """Return those of these tracks that have an analysis."""
    found = await connection.scalars(
        text("SELECT track_id FROM analysis WHERE track_id = ANY(:tracks)"), {"tracks": list(track_ids)}
    )
    return set(found)


async def next_version(connection: AsyncConnection, analysis_id: str) -> int:
    """Count a change and return its number."""
    version = await connection.scalar(
        text("UPDATE analysis SET version = version + 1 WHERE analysis_id = :id RETURNING version"), {"id": analysis_id}
    )
    return int(version or 0)


async def write_first(connection: AsyncConnection, analysis_id: str, heard: Analysis) -> None:
    """Store provisional findings; whichever stems were known and what was drawn stay as they are."""
    await connection.execute(
        text("UPDATE analysis SET findings = :findings WHERE analysis_id = :id"),
        {"id": analysis_id, "findings": documents.to_json(heard)},
    )


async def write_heard(
    connection: AsyncConnection,
    analysis_id: str,
    heard: Analysis,
    stems: Mapping[str, StemFile],
    files: Mapping[str, int],
) -> None:
    """Store what was heard, with which stems known, and what was drawn."""
    await connection.execute(
        text("UPDATE analysis SET findings = :findings, stems = :stems, files = :files WHERE analysis_id = :id"),
        {
            "id": analysis_id,
            "findings": documents.to_json(heard),
            "stems": documents.stems_to_json(stems),
            "files": json.dumps(dict(files)),
        },
    )


async def delete(connection: AsyncConnection, analysis_id: str) -> None:
    """Delete an analysis and its job; a worker on it loses its lease. What is by track stays."""
    await connection.execute(text("DELETE FROM job WHERE job_id = :id"), {"id": analysis_id})
