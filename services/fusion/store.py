"""The fusions in fusion's schema. A fusion keeps a snapshot of what it is made of, so that it outlives its tracks."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.errors import NotFound
from chassis.sorting import Listed, Position, Sorting

Document = dict[str, Any]
"""Something as JSON, of which the store knows no more."""


@dataclass(frozen=True)
class Selection:
    """One stem of a fusion, with its fader, as it was when the fusion was asked for."""

    stem_id: str
    track_id: str
    type: str
    object_key: str
    gain_db: float
    pan: float
    mute: bool
    scale_bits: int = 0
    """The stored samples times 2 to this power are the stem."""


@dataclass(frozen=True)
class RenderedFile:
    """One file of a finished fusion."""

    format: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True)
class Result:
    """What a finished fusion measures; loudness and peak are None for silence."""

    duration_seconds: float
    frames: int
    sample_rate: int
    loudness_lufs: float | None
    true_peak_dbtp: float | None
    applied_gain_db: float
    files: tuple[RenderedFile, ...]
    limited_db: float = 0.0
    """The most that the limiter took off."""
    warnings: tuple[tuple[str, str], ...] = ()
    """Codes and sentences: what did not become as asked."""


@dataclass(frozen=True)
class FusionRow:
    """A fusion as it stands in its row."""

    fusion_id: str
    owner_id: str
    title: str
    stems: tuple[Selection, ...]
    parent_fusion_id: str
    revision: int
    version: int
    result: Result | None
    result_attempt: int | None
    rating_stars: int | None
    rating_comment: str
    created_at: datetime
    asked: Document = field(default_factory=dict)
    """The request as JSON; empty for fusions from before it was kept."""
    plan: Document | None = None
    """What was decided, as the contract shows it."""
    preview: bool = False
    """Whether only a part of the song is rendered."""


# Without the commission, which may be long and is the worker's alone.
_COLUMNS = (
    "fusion_id, owner_id, title, stems, parent_fusion_id, revision, version, result, result_attempt, rating_stars,"
    " rating_comment, created_at, asked, plan, preview"
)
_LISTED = Listed("fusion", _COLUMNS, "fusion_id")


def _row(values: dict[str, Any]) -> FusionRow:
    stems = tuple(Selection(**stem) for stem in values.pop("stems"))
    result = values.pop("result")
    if result is not None:
        files = tuple(RenderedFile(**file) for file in result.pop("files"))
        warnings = tuple((code, message) for code, message in result.pop("warnings", ()))
        result = Result(files=files, warnings=warnings, **result)
    return FusionRow(stems=stems, result=result, **values)


async def _read(connection: AsyncConnection, rest: str, **values: object) -> list[FusionRow]:
    found = await connection.execute(text(f"SELECT {_COLUMNS} FROM fusion {rest}"), values)
    return [_row(dict(row)) for row in found.mappings()]


async def insert(connection: AsyncConnection, fusion: FusionRow, commission: str) -> None:
    """Insert a fusion without a result, with the receipt of what is to be rendered; its job is there already."""
    await connection.execute(
        text(
            "INSERT INTO fusion"
            " (fusion_id, owner_id, title, stems, parent_fusion_id, revision, asked, plan, preview, commission)"
            " VALUES (:id, :owner, :title, :stems, :parent, :revision, :asked, :plan, :preview, :commission)"
        ),
        {
            "id": fusion.fusion_id,
            "owner": fusion.owner_id,
            "title": fusion.title,
            "stems": json.dumps([asdict(stem) for stem in fusion.stems]),
            "parent": fusion.parent_fusion_id,
            "revision": fusion.revision,
            "asked": json.dumps(fusion.asked),
            "plan": None if fusion.plan is None else json.dumps(fusion.plan),
            "preview": fusion.preview,
            "commission": commission,
        },
    )


async def commission(connection: AsyncConnection, fusion_id: str) -> str | None:
    """Return what is to be rendered, a receipt without its result; None for fusions from before there were plans."""
    found: str | None = await connection.scalar(
        text("SELECT commission FROM fusion WHERE fusion_id = :id"), {"id": fusion_id}
    )
    return found


async def by_id(connection: AsyncConnection, fusion_id: str) -> FusionRow:
    """Return the fusion whoever owns it, or raise `NotFound`."""
    rows = await _read(connection, "WHERE fusion_id = :id", id=fusion_id)
    return _only(rows)


async def exists(connection: AsyncConnection, fusion_id: str) -> bool:
    """Say whether the fusion is still there."""
    return bool(await _read(connection, "WHERE fusion_id = :id", id=fusion_id))


async def of_owner(connection: AsyncConnection, owner_id: str, fusion_id: str) -> FusionRow:
    """Return the owner's fusion, or raise `NotFound`."""
    return _only(await _read(connection, "WHERE fusion_id = :id AND owner_id = :owner", id=fusion_id, owner=owner_id))


def _only(rows: Sequence[FusionRow]) -> FusionRow:
    if not rows:
        raise NotFound("FUSION_NOT_FOUND", "There is no such fusion, or it is not yours.")
    return rows[0]


async def matching(
    connection: AsyncConnection,
    owner_id: str,
    count: int,
    after: Position | None,
    order: Sorting,
    pattern: str,
    *,
    previews: bool,
) -> tuple[list[tuple[str, FusionRow]], int]:
    """Return fusions in this order after a position, each with its sort key as text, and how many match in all.

    The pattern is one of ILIKE's; previews match only where they are wanted.
    """
    where = "owner_id = :owner AND title ILIKE :pattern" + ("" if previews else " AND NOT preview")
    values = {"owner": owner_id, "pattern": pattern}
    found, total = await _LISTED.page(connection, where, values, order, after, count)
    rows = map(dict, found)
    return [(row.pop("sort_key"), _row(row)) for row in rows], total


async def previews_of(connection: AsyncConnection, owner_id: str, before: datetime) -> list[FusionRow]:
    """Return the owner's previews that were asked for before a moment."""
    rest = "WHERE owner_id = :owner AND preview AND created_at < :before"
    return await _read(connection, rest, owner=owner_id, before=before)


async def all_of_owner(connection: AsyncConnection, owner_id: str) -> list[FusionRow]:
    """Return every fusion of an owner."""
    return await _read(connection, "WHERE owner_id = :owner", owner=owner_id)


async def unfinished_with_track(connection: AsyncConnection, track_id: str) -> list[str]:
    """Return the ids of fusions that still need a stem of this track."""
    found = await connection.scalars(
        text(
            "SELECT fusion_id FROM fusion JOIN job ON job_id = fusion_id"
            " WHERE state IN ('pending', 'running') AND stems @> CAST(:stem AS jsonb)"
        ),
        {"stem": json.dumps([{"track_id": track_id}])},
    )
    return list(found)


async def ids(connection: AsyncConnection) -> list[str]:
    """Return every fusion's id."""
    return list(await connection.scalars(text("SELECT fusion_id FROM fusion ORDER BY created_at")))


async def attempts(connection: AsyncConnection, fusion_ids: Sequence[str]) -> dict[str, tuple[str, int | None, int]]:
    """Return job state, the result's attempt and the present attempt of those fusions that exist."""
    found = await connection.execute(
        text(
            "SELECT fusion_id, state, result_attempt, attempt FROM fusion JOIN job ON job_id = fusion_id"
            " WHERE fusion_id = ANY(:ids)"
        ),
        {"ids": list(fusion_ids)},
    )
    return {row.fusion_id: (row.state, row.result_attempt, row.attempt) for row in found}


async def next_version(connection: AsyncConnection, fusion_id: str) -> None:
    """Count a change."""
    await connection.execute(text("UPDATE fusion SET version = version + 1 WHERE fusion_id = :id"), {"id": fusion_id})


async def write_result(connection: AsyncConnection, fusion_id: str, attempt: int, result: Result) -> None:
    """Store what was rendered, and by which attempt."""
    await connection.execute(
        text("UPDATE fusion SET result = :result, result_attempt = :attempt WHERE fusion_id = :id"),
        {"id": fusion_id, "attempt": attempt, "result": json.dumps(asdict(result))},
    )


async def set_title(connection: AsyncConnection, fusion_id: str, title: str) -> None:
    """Rename a fusion."""
    await connection.execute(
        text("UPDATE fusion SET title = :title WHERE fusion_id = :id"), {"id": fusion_id, "title": title}
    )


async def rate(connection: AsyncConnection, fusion_id: str, stars: int, comment: str) -> None:
    """Store the owner's verdict."""
    await connection.execute(
        text("UPDATE fusion SET rating_stars = :stars, rating_comment = :comment WHERE fusion_id = :id"),
        {"id": fusion_id, "stars": stars, "comment": comment},
    )


async def delete(connection: AsyncConnection, fusion_id: str) -> None:
    """Delete a fusion and its job; a worker on it loses its lease."""
    await connection.execute(text("DELETE FROM job WHERE job_id = :id"), {"id": fusion_id})
