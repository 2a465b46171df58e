"""The use case of the worker: listening to a track, and to its stems where there are some."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

import numpy as np
import soundfile
from numpy.typing import NDArray
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.errors import NotFound
from chassis.objects import ObjectStore
from chassis.postgres import Database
from chassis.scratch import Scratch
from chassis.work import Deferred, Finish, Run, Stopped
from services.mir import drawings, store
from services.mir.analysis import analysing
from services.mir.analysis.findings import ANALYSIS_VERSION, Analysis
from services.mir.analysis.preparation import prepare_blocks
from services.mir.analysis.progress import Cancelled
from services.mir.store import AnalysisRow

BLOCK_FRAMES = 1 << 16

# Shares of the progress bar.
FETCHED, HEARD = 0.05, 0.97


@dataclass(frozen=True)
class Sources:
    """What is listened to: files in the job's folder. `stems` by name."""

    master: Path
    stems: Mapping[str, Path] = field(default_factory=dict)


@dataclass(frozen=True)
class Listener:
    """Listens to a track: the work of one job. Stems of more than `stems_bytes` in all are left alone."""

    database: Database
    objects: ObjectStore
    scratch: Scratch
    stems_bytes: int

    async def __call__(self, run: Run) -> Finish:
        """Fetch what there is of the track, analyse it, and return how the findings are written."""
        run.device = "cpu"
        run.report(0.0, "fetching")
        async with self.database.transaction() as connection:
            row = await store.by_id(connection, run.job.job_id)
            known = await store.stems_of(connection, row.track.track_id)
        present = await self._present(known)
        if known and not present and row.heard and row.heard.version == ANALYSIS_VERSION:
            return _written(row, row.heard, known, row.files)  # they went meanwhile: nothing new is to be heard
        with self.scratch.job() as folder:
            sources = await self._fetch(run, row.track.master_key, present, folder)
            run.report(FETCHED, "analysing")
            heard, files = await asyncio.to_thread(_listen, run, sources, folder)
            run.report(HEARD, "storing")
            sizes = await self._put(run, row, files)
        return _written(row, heard, known, sizes)

    async def _present(self, known: Mapping[str, str]) -> dict[str, str]:
        """Return those stems that are there, unless they are too large: a separation may be gone."""
        found = {name: await self.objects.stat(key) for name, key in known.items()}
        sizes = {name: stored.size_bytes for name, stored in found.items() if stored is not None}
        return {name: known[name] for name in sizes} if sum(sizes.values()) <= self.stems_bytes else {}

    async def _fetch(self, run: Run, master_key: str, stems: Mapping[str, str], folder: Path) -> Sources:
        if await self.objects.stat(master_key) is None:
            raise NotFound("TRACK_NOT_FOUND", "The track is gone, so there is nothing to listen to.")
        sources = Sources(folder / "master.flac", {name: folder / f"stem-{name}.flac" for name in stems})
        run.bytes_read += await self.objects.get_file(master_key, sources.master)
        for name, path in sources.stems.items():
            run.check()
            run.bytes_read += await self.objects.get_file(stems[name], path)
        return sources

    async def _put(self, run: Run, row: AnalysisRow, files: Mapping[str, Path]) -> dict[str, int]:
        """Store what was drawn, unless the track was deleted meanwhile, perhaps after its objects were removed."""
        sizes = await drawings.put(self.objects, row.track, files)
        run.bytes_written += sum(sizes.values())
        async with self.database.transaction() as connection:
            there = await store.tracks_among(connection, [row.track.track_id])
        if not there:
            await drawings.remove(self.objects, drawings.prefix(row.track.owner_id, row.track.track_id))
            raise Stopped
        return sizes


def _written(row: AnalysisRow, heard: Analysis, known: Mapping[str, str], files: Mapping[str, int]) -> Finish:
    async def write(connection: AsyncConnection) -> None:
        await store.lock_track(connection, row.track.track_id)
        if await store.stems_of(connection, row.track.track_id) != known:
            raise Deferred(0)  # stems have come meanwhile: heard again at once, with them
        await store.write_heard(connection, row.analysis_id, heard, known, files)

    return write


def _listen(run: Run, sources: Sources, folder: Path) -> tuple[Analysis, dict[str, Path]]:
    """Analyse, in a thread of its own; return the findings, and by name the files that were drawn."""
    began = perf_counter()
    try:
        with soundfile.SoundFile(sources.master) as file:
            prepared = prepare_blocks(_blocks(file), file.samplerate, file.channels, run.stopped)
        share = HEARD - FETCHED
        heard = analysing.analyse_prepared(
            prepared, lambda done: run.report(FETCHED + share * done, "analysing"), run.stopped
        )
    except Cancelled:
        raise Stopped from None
    finally:
        run.engine_seconds += perf_counter() - began
    return heard, {}


def _blocks(file: soundfile.SoundFile) -> Iterator[NDArray[np.float32]]:
    return iter(file.blocks(BLOCK_FRAMES, dtype="float32", always_2d=True))
