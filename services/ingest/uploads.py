"""The use cases of an upload: how to send the bytes, whether they have arrived, and having them checked.

Small files go in one presigned POST, which the store lets through only with the exact key and size. Large ones go in parts,
so that a broken upload goes on where it was; the store cannot cap a part's size, so it is checked when all are there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import jobs, reopening
from chassis.errors import InvalidInput, NotFound, NotReady
from chassis.jobs import Announce, JobConfig
from chassis.objects import UPLOAD_SECONDS, ObjectStore, PresignedPost, StoredObject, UploadedPart
from chassis.postgres import Database
from services.ingest import store
from services.ingest.config import POOL, SERVICE
from services.ingest.store import TrackRow

POST_MAX_BYTES = 16 * 1024 * 1024
PART_BYTES = 8 * 1024 * 1024
NAMED_PARTS = 10


@dataclass(frozen=True)
class PartRequest:
    """Where one part goes."""

    number: int
    url: str
    size_bytes: int


@dataclass(frozen=True)
class Upload:
    """How to send what is missing: one form, or the parts that have not arrived."""

    track_id: str
    expires: datetime
    post: PresignedPost | None = None
    part_count: int = 0
    missing: tuple[PartRequest, ...] = ()


def part_sizes(size_bytes: int) -> dict[int, int]:
    """Return the size of each part of a file, by the part's number."""
    count = -(-size_bytes // PART_BYTES)
    return {number: min(PART_BYTES, size_bytes - (number - 1) * PART_BYTES) for number in range(1, count + 1)}


@dataclass(frozen=True)
class Uploads:
    """Uploads to the object store."""

    database: Database
    objects: ObjectStore

    async def requests(self, track: TrackRow) -> Upload:
        """Return fresh presigned requests for what has not arrived; raises `NotReady` when everything has."""
        if track.upload_completed_at:
            raise NotReady("UPLOAD_COMPLETED", "All bytes of this track have arrived; nothing is left to be sent.")
        if track.size_bytes <= POST_MAX_BYTES:
            post, expires = self.objects.presign_post(track.original, track.size_bytes)
            return Upload(track.track_id, expires, post)
        upload_id = track.upload_id or await self._start(track)
        expires = datetime.now(UTC) + timedelta(seconds=UPLOAD_SECONDS)
        sizes = part_sizes(track.size_bytes)
        arrived = whole_parts(sizes, await self.objects.parts(track.original, upload_id) if track.upload_id else [])
        missing = tuple(
            PartRequest(number, self.objects.presign_part(track.original, upload_id, number), size_bytes)
            for number, size_bytes in sizes.items()
            if number not in arrived
        )
        return Upload(track.track_id, expires, part_count=len(sizes), missing=missing)

    async def _start(self, track: TrackRow) -> str:
        """Begin the multipart upload; of two that are begun at once the first to be remembered counts."""
        begun = await self.objects.start_parts(track.original)
        async with self.database.transaction() as connection:
            kept = await store.set_upload_id(connection, track.track_id, begun)
        if kept != begun:
            await self.objects.abort_parts(track.original, begun)
        if not kept:
            raise NotFound("TRACK_NOT_FOUND", "The track was deleted.")
        return kept

    async def check_arrived(self, track: TrackRow) -> None:
        """Put the parts together if there are any, and raise unless the whole file is there."""
        stored = await self.objects.stat(str(track.original))
        if stored is None and track.upload_id:
            stored = await self._assemble(track)
        if stored is None:
            raise NotReady(
                "UPLOAD_INCOMPLETE",
                f"The file's {track.size_bytes} bytes have not arrived. Send them, then say again that you are done.",
                expected=track.size_bytes,
            )
        if stored.size_bytes != track.size_bytes:
            raise _size_mismatch("The file", track.size_bytes, stored.size_bytes)

    async def _assemble(self, track: TrackRow) -> StoredObject | None:
        sizes = part_sizes(track.size_bytes)
        arrived = await self.objects.parts(track.original, track.upload_id)
        right = whole_parts(sizes, arrived)
        missing = [number for number in sizes if number not in right]
        for part in arrived:
            if part.number in missing:
                raise _size_mismatch(f"Part {part.number}", sizes[part.number], part.size_bytes)
        if not missing:
            await self.objects.complete_parts(track.original, track.upload_id, list(right.values()))
        # Where parts are missing, a call at the same time may have put them together a moment ago.
        stored = await self.objects.stat(str(track.original))
        if stored is None and missing:
            raise _parts_missing(len(sizes), missing)
        return stored


def whole_parts(sizes: Mapping[int, int], arrived: Sequence[UploadedPart]) -> dict[int, UploadedPart]:
    """Return the parts that arrived whole, by number; of one that was sent again the newest."""
    ordered = sorted(arrived, key=lambda part: part.modified)
    return {part.number: part for part in ordered if part.size_bytes == sizes.get(part.number)}


def _parts_missing(count: int, missing: Sequence[int]) -> NotReady:
    named = ", ".join(map(str, missing[:NAMED_PARTS])) + (", …" if len(missing) > NAMED_PARTS else "")
    return NotReady(
        "UPLOAD_INCOMPLETE",
        f"{len(missing)} of {count} parts have not arrived ({named}). Send them, then say again that you are done.",
        parts=count,
        missing=len(missing),
    )


def _size_mismatch(what: str, expected: int, found: int) -> InvalidInput:
    return InvalidInput(
        "SIZE_MISMATCH",
        f"{what} has {found} bytes and should have {expected}. Send it again, or begin anew with the right size.",
        expected=expected,
        found=found,
    )


async def request_check(connection: AsyncConnection, config: JobConfig, track: TrackRow, announce: Announce) -> None:
    """Have an arrived file checked. Repeating it is harmless; a check that failed through our fault begins again."""
    if await store.mark_arrived(connection, track.track_id):
        await jobs.enqueue(
            connection, config, job_id=track.track_id, owner_id=track.owner_id, service=SERVICE, pool=POOL
        )
        await announce(connection, track.track_id)
        return
    job = (await jobs.find_many(connection, [track.track_id])).get(track.track_id)
    if job and reopening.may_reopen(job) and await reopening.reopen(connection, config, job):
        await announce(connection, track.track_id)
