"""The separations and stems in separation's schema."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.errors import NotFound


@dataclass(frozen=True)
class SeparationRow:
    """A separation as it stands in its row."""

    separation_id: str
    owner_id: str
    track_id: str
    title: str
    master_key: str
    model: str
    stem_types: Sequence[str]
    version: int
    created_at: datetime
    content_hash: str = ""
    """SHA-256 of the master's samples, hex; empty in rows from before it was known here."""
    sample_rate: int = 0
    """The track's, in Hz; 0 in rows from before it was known here."""
    channels: int = 0
    stem_models: Mapping[str, str] = field(default_factory=dict)
    """The stems that are made by another model than `model`, each with its name."""
    recipe: str = ""
    """What the last attempt computed or took over; empty before the first."""
    computing: int | None = None
    """The attempt that computes for everybody with this recipe."""
    reused: bool = False
    null_exact: bool | None = None
    null_depth_db: float | None = None
    playable_frames: int = 0
    """How far its segments reach."""

    def model_of(self, stem_type: str) -> str:
        """Return the name of the model that makes this stem."""
        return self.stem_models.get(stem_type, self.model)


@dataclass(frozen=True)
class StemRow:
    """A stem as it stands in its row."""

    stem_id: str
    separation_id: str
    type: str
    object_key: str
    frames: int
    sample_rate: int
    channels: int
    size_bytes: int
    sha256: str
    attenuation_db: float
    scale_bits: int = 0
    """The stored samples times 2 to this power are the stem."""


RESIDUAL = "residual"
"""The type of the stem that holds what the others leave of the track."""

_PLAYABLE = (
    "(SELECT coalesce(max(p.first_frame + p.frames), 0) FROM segment p WHERE p.separation_id = s.separation_id)"
    " AS playable_frames"
)
_COLUMNS = ", ".join(
    _PLAYABLE if column.name == "playable_frames" else f"s.{column.name}" for column in fields(SeparationRow)
)
_STEM_COLUMNS = ", ".join(column.name for column in fields(StemRow))


async def _read(connection: AsyncConnection, clause: str, **values: object) -> list[SeparationRow]:
    found = await connection.execute(text(f"SELECT {_COLUMNS} FROM separation s {clause}"), values)
    return [SeparationRow(**row) for row in found.mappings()]


async def lock_owner(connection: AsyncConnection, owner_id: str) -> None:
    """Until the transaction ends, nobody else asks for, or forgets, separations of this owner."""
    await connection.execute(
        text("SELECT pg_advisory_xact_lock(hashtext('separations:' || :owner))"), {"owner": owner_id}
    )


async def insert(
    connection: AsyncConnection,
    *,
    separation_id: str,
    owner_id: str,
    track_id: str,
    title: str,
    master_key: str,
    content_hash: str,
    sample_rate: int,
    channels: int,
    model: str,
    stem_types: Sequence[str],
    stem_models: Mapping[str, str],
) -> None:
    """Insert a separation without stems; its job is there already."""
    await connection.execute(
        text(
            "INSERT INTO separation (separation_id, owner_id, track_id, title, master_key, content_hash, sample_rate,"
            " channels, model, stem_types, stem_models) VALUES (:id, :owner, :track, :title, :master, :content_hash,"
            " :sample_rate, :channels, :model, :stem_types, :stem_models)"
        ),
        {
            "id": separation_id,
            "owner": owner_id,
            "track": track_id,
            "title": title,
            "master": master_key,
            "content_hash": content_hash,
            "sample_rate": sample_rate,
            "channels": channels,
            "model": model,
            "stem_types": list(stem_types),
            "stem_models": json.dumps(stem_models),
        },
    )


async def by_id(connection: AsyncConnection, separation_id: str) -> SeparationRow:
    """Return the separation, whoever owns it, or raise `NotFound`."""
    rows = await _read(connection, "WHERE separation_id = :id", id=separation_id)
    if not rows:
        raise NotFound("SEPARATION_NOT_FOUND", "There is no such separation.")
    return rows[0]


async def exists(connection: AsyncConnection, separation_id: str) -> bool:
    """Say whether the separation is still there."""
    return bool(await _read(connection, "WHERE separation_id = :id", id=separation_id))


async def equal(
    connection: AsyncConnection,
    owner_id: str,
    track_id: str,
    model: str,
    stem_types: Sequence[str],
    stem_models: Mapping[str, str],
) -> str | None:
    """Return the newest separation with these parameters that has succeeded or still may."""
    rows = await _read(
        connection,
        "JOIN job j ON j.job_id = s.separation_id"
        " WHERE s.owner_id = :owner AND s.track_id = :track AND s.model = :model AND s.stem_types = :stem_types"
        " AND s.stem_models = CAST(:stem_models AS jsonb)"
        " AND (j.state = 'completed' OR (j.state IN ('pending', 'running') AND NOT j.cancel_requested))"
        " ORDER BY s.created_at DESC LIMIT 1",
        owner=owner_id,
        track=track_id,
        model=model,
        stem_types=list(stem_types),
        stem_models=json.dumps(stem_models),
    )
    return rows[0].separation_id if rows else None


async def page(
    connection: AsyncConnection, owner_id: str, track_id: str, limit: int, after: tuple[datetime, str] | None
) -> list[SeparationRow]:
    """Return an owner's separations, newest first, `after` the one named; of any track if none is named."""
    moment, last = after or (None, None)
    return await _read(
        connection,
        "WHERE owner_id = :owner AND (:track = '' OR track_id = :track)"
        " AND (CAST(:moment AS timestamptz) IS NULL OR (s.created_at, s.separation_id) < (:moment, :last))"
        " ORDER BY s.created_at DESC, s.separation_id DESC LIMIT :limit",
        owner=owner_id,
        track=track_id,
        limit=limit,
        moment=moment,
        last=last,
    )


async def of_track(connection: AsyncConnection, track_id: str) -> list[SeparationRow]:
    """Return all of a track's separations."""
    return await _read(connection, "WHERE track_id = :track", track=track_id)


async def of_owner(connection: AsyncConnection, owner_id: str) -> list[SeparationRow]:
    """Return all of an owner's separations."""
    return await _read(connection, "WHERE owner_id = :owner", owner=owner_id)


async def newest_completed(connection: AsyncConnection, owner_id: str, track_id: str) -> list[SeparationRow]:
    """Return the newest completed separation of the owner's track per model."""
    return await _read(
        connection,
        "JOIN (SELECT DISTINCT ON (c.model) c.separation_id FROM separation c JOIN job j ON j.job_id = c.separation_id"
        "      WHERE c.owner_id = :owner AND c.track_id = :track AND j.state = 'completed'"
        "      ORDER BY c.model, j.finished_at DESC) newest USING (separation_id) ORDER BY s.model",
        owner=owner_id,
        track=track_id,
    )


async def unfinished(connection: AsyncConnection, owner_id: str, track_id: str) -> list[SeparationRow]:
    """Return the separations of the owner's track that are being made, oldest first."""
    return await _read(
        connection,
        "JOIN job j ON j.job_id = s.separation_id WHERE s.owner_id = :owner AND s.track_id = :track"
        " AND j.state IN ('pending', 'running') ORDER BY s.created_at",
        owner=owner_id,
        track=track_id,
    )


async def ids(connection: AsyncConnection) -> list[str]:
    """Return every separation's id."""
    return list(await connection.scalars(text("SELECT separation_id FROM separation ORDER BY created_at")))


async def next_version(connection: AsyncConnection, separation_id: str) -> None:
    """Count a change."""
    await connection.execute(
        text("UPDATE separation SET version = version + 1 WHERE separation_id = :id"), {"id": separation_id}
    )


async def delete(connection: AsyncConnection, separation_ids: Sequence[str]) -> None:
    """Delete separations with their jobs and stems; a worker on one loses its lease."""
    await connection.execute(text("DELETE FROM job WHERE job_id = ANY(:ids)"), {"ids": list(separation_ids)})


async def insert_stems(connection: AsyncConnection, stems: Iterable[StemRow]) -> None:
    """Insert the stems of a completed separation."""
    values = ", ".join(f":{column.name}" for column in fields(StemRow))
    await connection.execute(
        text(f"INSERT INTO stem ({_STEM_COLUMNS}) VALUES ({values})"), [vars(stem) for stem in stems]
    )


async def stems_of(connection: AsyncConnection, separation_ids: Sequence[str]) -> dict[str, list[StemRow]]:
    """Return the stems of each of these separations, which may be none."""
    found = await connection.execute(
        text(f"SELECT {_STEM_COLUMNS} FROM stem WHERE separation_id = ANY(:ids)"), {"ids": list(separation_ids)}
    )
    stems: dict[str, list[StemRow]] = {separation_id: [] for separation_id in separation_ids}
    for row in found.mappings():
        stems[row["separation_id"]].append(StemRow(**row))
    return stems


async def stems_by_id(
    connection: AsyncConnection, owner_id: str, stem_ids: Sequence[str]
) -> dict[str, tuple[SeparationRow, StemRow]]:
    """Return those of the owner's stems that have these ids, each with its separation."""
    found = await connection.execute(
        text(
            f"SELECT {', '.join(f't.{column.name}' for column in fields(StemRow))} FROM stem t"
            " JOIN separation s USING (separation_id) WHERE s.owner_id = :owner AND t.stem_id = ANY(:ids)"
        ),
        {"owner": owner_id, "ids": list(stem_ids)},
    )
    stems = [StemRow(**row) for row in found.mappings()]
    rows = await _read(connection, "WHERE separation_id = ANY(:ids)", ids=list({stem.separation_id for stem in stems}))
    separations = {row.separation_id: row for row in rows}
    return {stem.stem_id: (separations[stem.separation_id], stem) for stem in stems}


async def mark_gone(connection: AsyncConnection, gone_id: str) -> None:
    """Remember that a track or a user was deleted."""
    await connection.execute(text("INSERT INTO gone (id) VALUES (:id) ON CONFLICT DO NOTHING"), {"id": gone_id})


async def any_gone(connection: AsyncConnection, candidates: Sequence[str]) -> bool:
    """Say whether one of these tracks and users was deleted."""
    found: Any = await connection.scalar(
        text("SELECT EXISTS (SELECT 1 FROM gone WHERE id = ANY(:ids))"), {"ids": list(candidates)}
    )
    return bool(found)


Attempt = tuple[str, int]
"""A separation's id and the number of one of its attempts: what objects belong to, by their keys."""


async def attempts_with_stems(connection: AsyncConnection, separation_ids: Iterable[str]) -> set[Attempt]:
    """Of the attempts of these separations, those that stems point at, of these or of other separations."""
    return await _attempts(
        connection,
        "SELECT split_part(object_key, '/', 3), split_part(object_key, '/', 4)::integer FROM stem"
        " WHERE split_part(object_key, '/', 3) = ANY(:ids)",
        separation_ids,
    )


async def kept_attempts(connection: AsyncConnection, separation_ids: Iterable[str]) -> set[Attempt]:
    """Of the attempts of these separations, those whose objects somebody has: as stems, or as archives of them."""
    ids = list(separation_ids)
    # A separation that took its stems over has its archives all the same.
    return await attempts_with_stems(connection, ids) | await attempts_in(connection, "completed", ids)


async def attempts_with_segments(connection: AsyncConnection, separation_ids: Iterable[str]) -> set[Attempt]:
    """Of the attempts of these separations, those that have segments of a separation that is not done."""
    return await _attempts(
        connection,
        "SELECT separation_id, g.attempt FROM segment g JOIN job ON job_id = separation_id"
        " WHERE separation_id = ANY(:ids) AND state IN ('pending', 'running')",
        separation_ids,
    )


async def attempts_in(connection: AsyncConnection, state: str, separation_ids: Iterable[str]) -> set[Attempt]:
    """Return the present attempts of those of these separations whose jobs are in this state."""
    return await _attempts(
        connection, "SELECT job_id, attempt FROM job WHERE job_id = ANY(:ids) AND state = :state", separation_ids, state
    )


async def _attempts(
    connection: AsyncConnection, statement: str, separation_ids: Iterable[str], state: str = ""
) -> set[Attempt]:
    values = {"ids": list(separation_ids), **({"state": state} if state else {})}
    found = await connection.execute(text(statement), values)
    return {(separation_id, attempt) for separation_id, attempt in found}


async def hold_stems(connection: AsyncConnection, separation_id: str) -> list[StemRow]:
    """Return the stems of a separation, which can't be deleted until the transaction ends."""
    found = await connection.execute(
        text(f"SELECT {_STEM_COLUMNS} FROM stem WHERE separation_id = :id FOR KEY SHARE"), {"id": separation_id}
    )
    return [StemRow(**row) for row in found.mappings()]


async def set_null_test(
    connection: AsyncConnection, separation_id: str, *, exact: bool, depth_db: float | None
) -> None:
    """Note what the null test of a separation's stems found."""
    await connection.execute(
        text("UPDATE separation SET null_exact = :exact, null_depth_db = :depth WHERE separation_id = :id"),
        {"exact": exact, "depth": depth_db, "id": separation_id},
    )
