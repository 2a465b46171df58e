"""Going on where another attempt was: the segments that it published become the beginning of the stem files."""

import asyncio
import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import soundfile
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import jobs
from chassis.jobs import Announce
from chassis.objects import ObjectStore, StoreError
from chassis.postgres import Database
from chassis.work import Run, Stopped
from services.separation import segment_store
from services.separation.segment_store import SegmentRow, SegmentStem
from services.separation.stem_files import Layout, StemFiles, stored_samples

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Checkpoints:
    """Finds what is finished of a separation already."""

    database: Database
    objects: ObjectStore
    announce: Announce

    async def restore(self, run: Run, recipe: str, layout: Layout, files: StemFiles, folder: Path) -> None:
        """Write into the files what is finished; work goes on at `files.frames`. What can't be read is computed again."""
        for row in await self._usable(run, recipe, layout):
            run.check()
            fetched = await asyncio.gather(*(self._fetch(run, stem, folder) for stem in row.stems))
            if not await asyncio.to_thread(append, row, fetched, layout, files):
                log.warning("segment unreadable", extra={"facts": {"job_id": row.separation_id, "frame": files.frames}})
                await self._forget_from(run, row.first_frame)
                return

    async def _usable(self, run: Run, recipe: str, layout: Layout) -> list[SegmentRow]:
        """Return the segments that follow on each other from the beginning; others are forgotten."""
        async with self.database.transaction() as connection:
            rows = await segment_store.of(connection, run.job.job_id)
            usable = following(rows, recipe, layout.stem_types)
            if len(usable) < len(rows):
                await self._delete_from(connection, run, usable[-1].end if usable else 0)
        return usable

    async def _forget_from(self, run: Run, first_frame: int) -> None:
        async with self.database.transaction() as connection:
            await self._delete_from(connection, run, first_frame)

    async def _delete_from(self, connection: AsyncConnection, run: Run, first_frame: int) -> None:
        if not await jobs.held(connection, run.job):
            raise Stopped
        if await segment_store.delete_from(connection, run.job.job_id, first_frame):
            await self.announce(connection, run.job.job_id)

    async def _fetch(self, run: Run, stem: SegmentStem, folder: Path) -> Path | None:
        """Fetch a piece of a stem; None if it is not there any more."""
        path = folder / f"{stem.type}.piece"
        try:
            run.bytes_read += await self.objects.get_file(stem.object_key, path)
        except StoreError as error:
            log.warning("segment not fetched", extra={"facts": {"key": stem.object_key, "error": repr(error)}})
            return None
        return path


def following(rows: Sequence[SegmentRow], recipe: str, stem_types: Sequence[str]) -> list[SegmentRow]:
    """Return those rows, of rows in the order of time, that follow on each other from frame 0 and are of this recipe."""
    usable: list[SegmentRow] = []
    end = 0
    for row in rows:
        if row.first_frame != end or row.recipe != recipe or {stem.type for stem in row.stems} != set(stem_types):
            break
        usable.append(row)
        end = row.end
    return usable


def append(row: SegmentRow, fetched: Sequence[Path | None], layout: Layout, files: StemFiles) -> bool:
    """Append a segment to the files if every piece is what its row says; else say False and leave them as they are."""
    pieces = [(stem, path) for stem, path in zip(row.stems, fetched, strict=True) if path is not None]
    if len(pieces) < len(row.stems) or not all(_is_whole(path, stem, row, layout) for stem, path in pieces):
        return False
    blocks = zip(*(stored_samples(path, stem.scale_bits) for stem, path in pieces), strict=True)
    for block in blocks:
        files.add(dict(zip((stem.type for stem, _ in pieces), block, strict=True)))
    return True


def _is_whole(path: Path, stem: SegmentStem, row: SegmentRow, layout: Layout) -> bool:
    with path.open("rb") as content:
        if hashlib.file_digest(content, "sha256").hexdigest() != stem.sha256:
            return False
    with soundfile.SoundFile(path) as file:
        shape = file.frames, file.samplerate, file.channels
    return shape == (row.frames, layout.sample_rate, layout.channels)
