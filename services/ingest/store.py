"""The tracks in ingest's schema. The track's id is also its import job's, once its bytes have arrived."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.errors import NotFound
from chassis.objects import ObjectKey
from services.ingest.config import SERVICE

ORIGINAL = "original"
MASTER = "master.flac"
WAVEFORM = "waveform.bin"


@dataclass(frozen=True)
class Audio:
    """What was found out about a track as it was decoded, and where the master lies."""

    mime_type: str
    sample_rate: int
    channels: int
    frames: int
    bit_depth: int
    content_hash: str
    file_hash: str
    master_attempt: int
    master_bytes: int

    @property
    def duration_seconds(self) -> float:
        """Length of the song."""
        return self.frames / self.sample_rate


@dataclass(frozen=True)
class NewTrack:
    """A track as its owner announces it."""

    track_id: str
    owner_id: str
    title: str
    filename: str
    process: bool
    size_bytes: int
    declared_sha256: str


@dataclass(frozen=True)
class TrackRow(NewTrack):
    """A track as it stands in its row. `audio` is set once it was imported."""

    upload_id: str
    upload_completed_at: datetime | None
    bytes_removed: bool
    version: int
    created_at: datetime
    imported_at: datetime | None
    audio: Audio | None

    @property
    def prefix(self) -> str:
        """What the keys of all its objects begin with."""
        return f"{SERVICE}/{self.owner_id}/{self.track_id}/"

    @property
    def original(self) -> ObjectKey:
        """Where the file as uploaded lies."""
        return self.key(0, ORIGINAL)

    def key(self, attempt: int, name: str) -> ObjectKey:
        """Where an attempt at importing it stores an object."""
        return ObjectKey(SERVICE, self.owner_id, self.track_id, attempt, name)


_AUDIO = tuple(Audio.__dataclass_fields__)
_COLUMNS = ", ".join(name for name in TrackRow.__dataclass_fields__ if name != "audio") + ", " + ", ".join(_AUDIO)


async def _read(connection: AsyncConnection, rest: str, **values: object) -> list[TrackRow]:
    found = await connection.execute(text(f"SELECT {_COLUMNS} FROM track {rest}"), values)
    rows = []
    for row in found.mappings():
        plain = dict(row)
        audio = {name: plain.pop(name) for name in _AUDIO}
        rows.append(TrackRow(audio=Audio(**audio) if plain["imported_at"] else None, **plain))
    return rows


async def insert(connection: AsyncConnection, track: NewTrack) -> None:
    """Insert a track none of whose bytes have arrived."""
    await connection.execute(
        text(
            "INSERT INTO track (track_id, owner_id, title, filename, process, size_bytes, declared_sha256)"
            " VALUES (:track_id, :owner_id, :title, :filename, :process, :size_bytes, :declared_sha256)"
        ),
        vars(track),
    )


async def by_id(connection: AsyncConnection, track_id: str) -> TrackRow:
    """Return a track whosever it is, or raise `NotFound`."""
    rows = await _read(connection, "WHERE track_id = :id", id=track_id)
    if not rows:
        raise NotFound("TRACK_NOT_FOUND", "There is no such track.")
    return rows[0]


async def find(connection: AsyncConnection, owner_id: str, track_id: str) -> TrackRow:
    """Return the owner's track, or raise `NotFound`."""
    rows = await _read(connection, "WHERE track_id = :id AND owner_id = :owner", id=track_id, owner=owner_id)
    if not rows:
        raise NotFound("TRACK_NOT_FOUND", "There is no such track, or it is not yours.")
    return rows[0]


async def newest(
    connection: AsyncConnection, owner_id: str, count: int, before: tuple[datetime, str] | None
) -> list[TrackRow]:
    """Return the owner's newest tracks, of those older than the one created at this moment with this id."""
    older = "AND (created_at, track_id) < (:at, :id)" if before else ""
    at, track_id = before or (None, None)
    return await _read(
        connection,
        f"WHERE owner_id = :owner {older} ORDER BY created_at DESC, track_id DESC LIMIT :count",
        **{"owner": owner_id, "count": count, **({"at": at, "id": track_id} if before else {})},
    )


async def of_owner(connection: AsyncConnection, owner_id: str) -> list[TrackRow]:
    """Return all of an owner's tracks."""
    return await _read(connection, "WHERE owner_id = :owner", owner=owner_id)


async def with_hash(connection: AsyncConnection, digest: str) -> list[TrackRow]:
    """Return every user's tracks whose file or decoded audio has this hash."""
    return await _read(connection, "WHERE file_hash = :hash OR content_hash = :hash", hash=digest)


async def expired(connection: AsyncConnection, age_seconds: float, count: int) -> list[TrackRow]:
    """Take some tracks whose bytes have not all arrived in this time; the transaction holds them."""
    return await _read(
        connection,
        "WHERE upload_completed_at IS NULL AND created_at < now() - make_interval(secs => :age)"
        " ORDER BY created_at LIMIT :count FOR UPDATE SKIP LOCKED",
        age=age_seconds,
        count=count,
    )


async def refused_with_bytes(connection: AsyncConnection, forgiven: Sequence[str], count: int) -> list[TrackRow]:
    """Return some tracks that were refused, for other reasons than the `forgiven`, and whose bytes are still there."""
    return await _read(
        connection,
        "WHERE NOT bytes_removed AND imported_at IS NULL AND track_id IN (SELECT job_id FROM job"
        " WHERE state IN ('failed', 'cancelled') AND failure_reason <> ALL(:forgiven)) LIMIT :count",
        forgiven=list(forgiven),
        count=count,
    )


async def ids(connection: AsyncConnection) -> list[str]:
    """Return every track's id."""
    return list(await connection.scalars(text("SELECT track_id FROM track ORDER BY created_at")))


async def real_attempts(connection: AsyncConnection, track_ids: Sequence[str]) -> dict[str, frozenset[int]]:
    """Return, of these tracks, the attempts whose objects are real: the original's, the master's and the running one's."""
    found = await connection.execute(
        text(
            "SELECT track_id, bytes_removed, master_attempt, CASE WHEN state = 'running' THEN attempt END AS running"
            " FROM track LEFT JOIN job ON job_id = track_id WHERE track_id = ANY(:ids)"
        ),
        {"ids": list(track_ids)},
    )
    return {
        row.track_id: frozenset(
            attempt
            for attempt in (None if row.bytes_removed else 0, row.master_attempt, row.running)
            if attempt is not None
        )
        for row in found
    }


async def set_upload_id(connection: AsyncConnection, track_id: str, upload_id: str) -> str:
    """Remember the multipart upload unless another call was quicker; returns the one that counts."""
    kept = await connection.scalar(
        text(
            "UPDATE track SET upload_id = CASE WHEN upload_id = '' THEN :upload ELSE upload_id END"
            " WHERE track_id = :id RETURNING upload_id"
        ),
        {"id": track_id, "upload": upload_id},
    )
    return str(kept or "")


async def mark_arrived(connection: AsyncConnection, track_id: str) -> bool:
    """Note that all bytes are there. False: that is known already, or the track is gone."""
    marked = await connection.execute(
        text("UPDATE track SET upload_completed_at = now() WHERE track_id = :id AND upload_completed_at IS NULL"),
        {"id": track_id},
    )
    return marked.rowcount == 1


async def mark_removed(connection: AsyncConnection, track_id: str) -> None:
    """Note that the bytes of a refused track are gone."""
    await connection.execute(text("UPDATE track SET bytes_removed = true WHERE track_id = :id"), {"id": track_id})


async def write_audio(connection: AsyncConnection, track_id: str, audio: Audio) -> None:
    """Store what was found out; from here on the track is uploaded."""
    assignments = ", ".join(f"{name} = :{name}" for name in _AUDIO)
    await connection.execute(
        text(f"UPDATE track SET {assignments}, imported_at = now() WHERE track_id = :id"),
        {"id": track_id, **vars(audio)},
    )


async def set_title(connection: AsyncConnection, track_id: str, title: str) -> None:
    """Rename a track."""
    await connection.execute(
        text("UPDATE track SET title = :title WHERE track_id = :id"), {"id": track_id, "title": title}
    )


async def next_version(connection: AsyncConnection, track_id: str) -> int:
    """Count a change and return its number."""
    version = await connection.scalar(
        text("UPDATE track SET version = version + 1 WHERE track_id = :id RETURNING version"), {"id": track_id}
    )
    return int(version or 0)


async def delete(connection: AsyncConnection, track_id: str) -> None:
    """Delete a track and its job; a worker on it loses its lease."""
    await connection.execute(text("DELETE FROM job WHERE job_id = :id"), {"id": track_id})
    await connection.execute(text("DELETE FROM track WHERE track_id = :id"), {"id": track_id})
