"""The use case of the worker: taking a track apart."""

import asyncio
import uuid
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import soundfile
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.errors import Exhausted, Internal, InvalidInput, NotFound
from chassis.jobs import Announce
from chassis.objects import ObjectKey, ObjectStore
from chassis.postgres import Database
from chassis.scratch import Scratch
from chassis.work import Finish, Run, Stopped
from services.separation import reuse, store
from services.separation.checkpoints import Checkpoints
from services.separation.config import SERVICE
from services.separation.engine.choice import Part, parts_of
from services.separation.engine.errors import (
    OutOfMemory,
    SeparationCancelled,
    TrackUnreadable,
    UnknownModel,
    UnsupportedAudio,
)
from services.separation.engine.registry import card_of
from services.separation.engine.stems import Ensemble, separate_blocks
from services.separation.formats import FLAC, WAV
from services.separation.master import Master
from services.separation.models import not_present
from services.separation.resident import ResidentModels
from services.separation.residual import NullTest, null_test, write_residual
from services.separation.segments import SegmentCutter, SegmentPublisher
from services.separation.stem_files import Layout, NotNumbers, Pcm, StemFile, StemFiles, quantised
from services.separation.store import SeparationRow, StemRow

FETCHED = 0.02
SEPARATED = 0.95
PROVEN = 0.97
_RECENT_WINDOWS = 8
_MEDIA_TYPES = {f".{form.extension}": form.media_type for form in (FLAC, WAV)}


@dataclass(frozen=True)
class Separator:
    """Takes a track apart: the work of one job."""

    database: Database
    objects: ObjectStore
    scratch: Scratch
    models: ResidentModels
    announce: Announce
    segment_seconds: float
    share_across_users: bool

    async def __call__(self, run: Run) -> Finish:
        """Return how the rows of the stems are written: those of an equal separation, or new ones."""
        run.report(0.0, "fetching")
        async with self.database.transaction() as connection:
            row = await store.by_id(connection, run.job.job_id)
        parts = _parts(row)
        recipe = reuse.recipe(row, parts, shared=self.share_across_users)
        adopt = await reuse.take_over(self.database, run.job, row, recipe)
        return adopt or await self._compute(run, row, parts, recipe)

    async def _compute(self, run: Run, row: SeparationRow, parts: Sequence[Part], recipe: str) -> Finish:
        """Fetch the master, separate it, prove that nothing is lost, store the stems."""
        with self.scratch.job() as folder:
            await self._fetch(run, row, folder / "master.flac")
            with _opened(folder / "master.flac") as master:
                try:
                    files = await self._separate(run, row, parts, recipe, master, folder)
                except Stopped:
                    await self._require_row(run, row)  # a segment may have arrived after the deletion
                    raise
            residual, proof = await asyncio.to_thread(_prove, run, folder / "master.flac", files, folder)
            run.report(PROVEN, "storing")
            stems = await asyncio.gather(*(self._store(run, row, file) for file in (*files, residual)))
        await self._require_row(run, row)

        async def write(connection: AsyncConnection) -> None:
            await store.insert_stems(connection, stems)
            await store.set_null_test(connection, row.separation_id, exact=proof.exact, depth_db=proof.depth_db)

        return write

    async def _fetch(self, run: Run, row: SeparationRow, master: Path) -> None:
        if await self.objects.stat(row.master_key) is None:
            raise NotFound(
                "TRACK_NOT_FOUND",
                "The decoded song is gone, so there is nothing to separate. Try again; if it stays gone, delete the song and"
                " upload it anew.",
            )
        run.bytes_read += await self.objects.get_file(row.master_key, master)

    async def _separate(
        self, run: Run, row: SeparationRow, parts: Sequence[Part], recipe: str, master: Master, folder: Path
    ) -> list[StemFile]:
        """Write the stems, beginning with what an earlier attempt has published; publish what is finished on the way."""
        layout = Layout(row.stem_types, master.sample_rate, master.channels)
        with StemFiles(layout, folder) as files:
            checkpoints = Checkpoints(self.database, self.objects, self.announce)
            await checkpoints.restore(run, recipe, layout, files, folder)
            run.report(_share(files.frames, master.frames), "separating")
            publisher = SegmentPublisher(self.database, self.objects, self.announce, run, recipe)
            async with self.models.ensemble(parts) as ensemble, publisher.running():
                with SegmentCutter(publisher, layout, folder, files.frames, self.segment_seconds) as segments:
                    await asyncio.to_thread(write_stems, run, ensemble, master, files, segments)
            return files.finish()

    async def _store(self, run: Run, row: SeparationRow, file: StemFile) -> StemRow:
        key = ObjectKey(SERVICE, row.owner_id, row.separation_id, run.job.attempt, file.path.name)
        stored = await self.objects.put_file(key, file.path, _MEDIA_TYPES[file.path.suffix])
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
            scale_bits=file.scale_bits,
        )

    async def _require_row(self, run: Run, row: SeparationRow) -> None:
        """Take back what was stored if the separation was deleted, perhaps after its objects were removed."""
        async with self.database.transaction() as connection:
            there = await store.exists(connection, row.separation_id)
        if not there:
            await self.objects.remove_prefix(f"{SERVICE}/{row.owner_id}/{row.separation_id}/{run.job.attempt}/")
            raise Stopped


def _parts(row: SeparationRow) -> tuple[Part, ...]:
    stem_models = {stem_type: row.model_of(stem_type) for stem_type in row.stem_types}
    try:
        return parts_of({stem_type: card_of(model) for stem_type, model in stem_models.items()})
    except UnknownModel:  # it was known to who asked; this worker is another version
        raise not_present(", ".join(sorted(set(stem_models.values())))) from None


def _opened(path: Path) -> Master:
    try:
        return Master(path)
    except soundfile.LibsndfileError as error:
        raise _unreadable(str(error)) from None


def _unreadable(why: str) -> InvalidInput:
    return InvalidInput("TRACK_UNREADABLE", f"The track's audio is damaged. Upload it again. ({why})")


def write_stems(run: Run, ensemble: Ensemble, master: Master, files: StemFiles, segments: SegmentCutter) -> None:
    """Separate the rest of the master into the files, and into segments. Runs in a thread of its own."""
    run.device = ", ".join(sorted({inference.device_name for inference, _ in ensemble}))
    pace = Pace(files.frames)

    def progress(done: int, total: int) -> None:
        run.report(_share(done, total), "separating", pace.remaining(done, total))

    def stopped() -> bool:
        # Asked between two windows: all that is finished has come, and the next will take a while.
        segments.cut_if_due()
        return run.stopped()

    with _answers():
        blocks = separate_blocks(ensemble, master, start=files.frames, progress=progress, cancelled=stopped)
        for block in _timed(run, blocks):
            samples = {stem_type: quantised(pcm) for stem_type, pcm in block.items()}
            files.add(samples)
            segments.add(samples)


@contextmanager
def _answers() -> Iterator[None]:
    """Turn what the engine can't do into what the job's owner is told."""
    try:
        yield
    except SeparationCancelled:
        raise Stopped from None
    except UnsupportedAudio as error:
        raise InvalidInput("UNSUPPORTED_AUDIO", str(error)) from None
    except TrackUnreadable as error:
        raise _unreadable(str(error)) from None
    except OutOfMemory as error:
        raise Exhausted("OUT_OF_MEMORY", str(error)) from None
    except NotNumbers:
        raise Internal(
            "OUTPUT_NOT_FINITE",
            "The network answered with something that is not a number. Try another model; tell the operator:"
            " its weights or the device may be damaged.",
        ) from None


def _prove(run: Run, master: Path, stems: Sequence[StemFile], folder: Path) -> tuple[StemFile, NullTest]:
    """Write the residual and add everything up again. Runs in a thread of its own."""
    run.report(SEPARATED, "storing")
    residual = write_residual(master, stems, folder, run.check)
    proof = null_test(master, stems, residual, run.check)
    if not proof.exact:
        raise Internal("NULL_TEST_FAILED", "The stems and the residual did not add up to the track. Tell the operator.")
    return residual, proof


def _share(done: int, total: int) -> float:
    """Return the job's progress when `done` of `total` frames are finished."""
    return FETCHED + (SEPARATED - FETCHED) * done / total


def _timed(run: Run, blocks: Iterator[Mapping[str, Pcm]]) -> Iterator[Mapping[str, Pcm]]:
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

    def __init__(self, done: int) -> None:
        """Begin at frame `done`."""
        self._marks = deque([(perf_counter(), done)], maxlen=_RECENT_WINDOWS + 1)

    def remaining(self, done: int, total: int) -> float | None:
        """Return the seconds that the rest will take, when a window has just brought it to `done` of `total` frames."""
        self._marks.append((perf_counter(), done))
        (began, before), (now, _) = self._marks[0], self._marks[-1]
        return (now - began) / (done - before) * (total - done) if done > before else None
