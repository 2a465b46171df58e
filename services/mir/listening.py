"""The use case of the worker: listening to a track, and to its stems where there are some."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import jobs
from chassis.errors import NotFound
from chassis.jobs import Announce
from chassis.objects import ObjectStore
from chassis.postgres import Database
from chassis.scratch import Scratch
from chassis.work import Deferred, Finish, Run, Stopped
from services.mir import drawings, recordings, store, track_store
from services.mir.analysis import analysing
from services.mir.analysis.analysing import TellFirst
from services.mir.analysis.display import features_document, spectrogram_png
from services.mir.analysis.findings import ANALYSIS_VERSION, Analysis
from services.mir.analysis.networks import Networks
from services.mir.analysis.progress import Cancelled, Progress
from services.mir.documents import StemFile
from services.mir.recordings import Part, Sources
from services.mir.store import AnalysisRow

log = logging.getLogger(__name__)

# Shares of the progress bar.
FETCHED, READ, HEARD, DRAWN = 0.05, 0.15, 0.9, 0.97


@dataclass(frozen=True)
class Listener:
    """Listens to a track: the work of one job. Stems of more than `stems_bytes` in all are left alone."""

    database: Database
    objects: ObjectStore
    scratch: Scratch
    networks: Awaitable[Networks]
    """May be awaited again and again, as a task may."""
    stems_bytes: int
    announce: Announce

    async def __call__(self, run: Run) -> Finish:
        """Fetch what there is of the track, analyse it, and return how the findings are written."""
        run.device = "cpu"
        run.report(0.0, "fetching")
        networks = await self.networks
        async with self.database.transaction() as connection:
            row = await store.by_id(connection, run.job.job_id)
            known = await track_store.stems_of(connection, row.track.track_id)
        present = await self._present(known)
        before = row.heard if row.heard and not row.heard.provisional else None
        if known and not present and before and before.version == ANALYSIS_VERSION:
            return _written(row, before, known, row.files)  # they went meanwhile: nothing new is to be heard
        with self.scratch.job() as folder:
            sources = await self._fetch(run, row.track.master_key, present, folder)
            tell_first = None if before else self._teller(run, row)  # what stands may be better
            heard, files = await asyncio.to_thread(_listen, run, networks, sources, folder, tell_first)
            run.report(DRAWN, "storing")
            sizes = await self._put(run, row, files)
        return _written(row, heard, known, sizes)

    async def _present(self, known: Mapping[str, StemFile]) -> dict[str, StemFile]:
        """Return those stems that are there, unless they are too large: a separation may be gone."""
        found = {name: await self.objects.stat(stem.object_key) for name, stem in known.items()}
        sizes = {name: stored.size_bytes for name, stored in found.items() if stored is not None}
        return {name: known[name] for name in sizes} if sum(sizes.values()) <= self.stems_bytes else {}

    async def _fetch(self, run: Run, master_key: str, stems: Mapping[str, StemFile], folder: Path) -> Sources:
        if await self.objects.stat(master_key) is None:
            raise NotFound(
                "TRACK_NOT_FOUND",
                "The decoded song is gone, so there is nothing to listen to. Try again; if it stays gone, delete the song and"
                " upload it anew.",
            )
        parts = {name: Part(folder / f"{name}.flac", 2.0**stem.scale_bits) for name, stem in stems.items()}
        sources = Sources(Part(folder / "master.flac"), parts)
        run.bytes_read += await self.objects.get_file(master_key, sources.master.path)
        for name, part in parts.items():
            run.check()
            run.bytes_read += await self.objects.get_file(stems[name].object_key, part.path)
        return sources

    def _teller(self, run: Run, row: AnalysisRow) -> TellFirst:
        """Return what keeps first findings, for another thread."""
        loop = asyncio.get_running_loop()
        return lambda heard: asyncio.run_coroutine_threadsafe(self._keep_first(run, row, heard), loop).result()

    async def _keep_first(self, run: Run, row: AnalysisRow, heard: Analysis) -> None:
        """Have first findings read while the rest is listened for, if this attempt still holds the job."""
        try:
            async with self.database.transaction() as connection:
                if await jobs.held(connection, run.job):
                    await store.write_first(connection, row.analysis_id, heard)
                    await self.announce(connection, row.analysis_id)
        except DBAPIError as error:  # the whole analysis will say it too
            facts = {"job_id": run.job.job_id, "error": repr(error)}
            log.warning("first findings not stored", extra={"facts": facts})

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


def _written(row: AnalysisRow, heard: Analysis, known: Mapping[str, StemFile], files: Mapping[str, int]) -> Finish:
    async def write(connection: AsyncConnection) -> None:
        await store.lock_track(connection, row.track.track_id)
        if await track_store.stems_of(connection, row.track.track_id) != known:
            raise Deferred(0)  # stems have come meanwhile: heard again at once, with them
        await store.write_heard(connection, row.analysis_id, heard, known, files)

    return write


def _listen(
    run: Run, networks: Networks, sources: Sources, folder: Path, tell_first: TellFirst | None
) -> tuple[Analysis, dict[str, Path]]:
    """Analyse and draw, in a thread of its own; return the findings, and by name the files that were drawn."""
    began = perf_counter()
    try:
        run.report(FETCHED, "reading")
        recording = recordings.read(sources, folder, run.stopped)
        bar = _bar(run, READ, HEARD, "analysing")
        heard = analysing.analyse_recording(recording, networks, bar, run.stopped, tell_first)
        image = spectrogram_png(recording.mix.mono, _bar(run, HEARD, DRAWN, "drawing"), run.stopped)
        features = json.dumps(features_document(heard.features), separators=(",", ":"))
    except Cancelled:
        raise Stopped from None
    finally:
        run.engine_seconds += perf_counter() - began
    drawn = {drawings.SPECTROGRAM: image, drawings.FEATURES: features.encode()}
    files = {name: folder / name for name in drawn}
    for name, path in files.items():
        path.write_bytes(drawn[name])
    return heard.analysis, files


def _bar(run: Run, start: float, end: float, stage: str) -> Progress:
    return lambda done: run.report(start + (end - start) * done, stage)
