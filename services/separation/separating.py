"""The use case of the worker: taking a track apart."""

import asyncio
import uuid
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import soundfile
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.errors import InvalidInput, NotFound
from chassis.objects import ObjectKey, ObjectStore
from chassis.postgres import Database
from chassis.scratch import Scratch
from chassis.work import Finish, Run, Stopped
from services.separation import store
from services.separation.config import SERVICE
from services.separation.engine.errors import SeparationCancelled, UnsupportedAudio
from services.separation.engine.network import Model
from services.separation.engine.stems import separate_blocks
from services.separation.formats import FLAC
from services.separation.resident import ResidentModels
from services.separation.stem_files import Pcm, StemFile, write_stems
from services.separation.store import SeparationRow, StemRow

FETCHED = 0.02
SEPARATED = 0.97
_RECENT_WINDOWS = 8


@dataclass(frozen=True)
class Separator:
    """Takes a track apart: the work of one job."""

    database: Database
    objects: ObjectStore
    scratch: Scratch
    models: ResidentModels

    async def __call__(self, run: Run) -> Finish:
        """Fetch the master, separate it, store the stems, and return how their rows are written."""
        run.report(0.0, "fetching")
        async with self.database.transaction() as connection:
            row = await store.by_id(connection, run.job.job_id)
        model = await self.models.get(row.model)
        run.device = model.device_name
        with self.scratch.job() as folder:
            await self._fetch(run, row, folder / "master.flac")
            files = await asyncio.to_thread(_separate, run, model, row, folder)
            run.check()
            run.report(SEPARATED, "storing")
            stems = await asyncio.gather(*(self._store(run, row, file) for file in files))
        await self._require_row(run, row)

        async def write(connection: AsyncConnection) -> None:
            await store.insert_stems(connection, stems)

        return write

    async def _fetch(self, run: Run, row: SeparationRow, master: Path) -> None:
        if await self.objects.stat(row.master_key) is None:
            raise NotFound("TRACK_NOT_FOUND", "The track is gone, so there is nothing to separate.")
        run.bytes_read += await self.objects.get_file(row.master_key, master)
        run.report(FETCHED, "separating")

    async def _store(self, run: Run, row: SeparationRow, file: StemFile) -> StemRow:
        key = ObjectKey(SERVICE, row.owner_id, row.separation_id, run.job.attempt, f"{file.type}.{FLAC.extension}")
        stored = await self.objects.put_file(key, file.path, FLAC.media_type)
        run.bytes_written += stored.size_bytes
        return StemRow(
            stem_id=str(uuid.uuid4()),
            separation_id=row.separation_id,
            type=file.type,
            object_key=str(key),
            frames=file.frames,
            sample_rate=file.sample_rate,
            channels=file.channels,
            size_bytes=file.size_bytes,
            sha256=file.sha256,
            attenuation_db=file.attenuation_db,
        )

    async def _require_row(self, run: Run, row: SeparationRow) -> None:
        """Take the stored stems back if their separation was deleted, perhaps after its objects were removed."""
        async with self.database.transaction() as connection:
            there = await store.exists(connection, row.separation_id)
        if not there:
            await self.objects.remove_prefix(f"{SERVICE}/{row.owner_id}/{row.separation_id}/{run.job.attempt}/")
            raise Stopped


def _separate(run: Run, model: Model, row: SeparationRow, folder: Path) -> list[StemFile]:
    """Separate the master in `folder` into files beside it. Runs in a thread of its own."""
    pcm, sample_rate = soundfile.read(folder / "master.flac", dtype="float32", always_2d=True)
    pace = Pace()

    def progress(done: int, total: int) -> None:
        run.report(FETCHED + (SEPARATED - FETCHED) * done / total, "separating", pace.remaining(done, total))

    try:
        blocks = separate_blocks(model, pcm, sample_rate, progress, run.stopped)
        stems = write_stems(_timed(run, blocks), row.stem_types, folder, sample_rate, pcm.shape[1])
    except SeparationCancelled:
        raise Stopped from None
    except UnsupportedAudio as error:
        raise InvalidInput("UNSUPPORTED_AUDIO", str(error)) from None
    if any(stem.frames != len(pcm) for stem in stems):
        raise AssertionError(f"stems of {[stem.frames for stem in stems]} frames for a track of {len(pcm)}")
    return stems


def _timed(run: Run, blocks: Iterator[dict[str, Pcm]]) -> Iterator[dict[str, Pcm]]:
    """Count the seconds spent inside the engine, and only those."""
    while True:
        began = perf_counter()
        block = next(blocks, None)
        run.engine_seconds += perf_counter() - began
        if block is None:
            return
        yield block


class Pace:
    """How long it will take, from how long the latest windows took."""

    def __init__(self) -> None:
        self._marks = deque([perf_counter()], maxlen=_RECENT_WINDOWS + 1)

    def remaining(self, done: int, total: int) -> float:
        """Return the seconds that the rest will take, when `done` of `total` windows have just been done."""
        self._marks.append(perf_counter())
        per_window = (self._marks[-1] - self._marks[0]) / (len(self._marks) - 1)
        return per_window * (total - done)
