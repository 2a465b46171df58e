"""The use case of the worker: listening to a track."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
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
from chassis.work import Finish, Run, Stopped
from services.mir import analysis, store
from services.mir.analysis.findings import Analysis
from services.mir.store import Findings

BLOCK_FRAMES = 1 << 16


@dataclass(frozen=True)
class Listener:
    """Listens to a track: the work of one job."""

    database: Database
    objects: ObjectStore
    scratch: Scratch

    async def __call__(self, run: Run) -> Finish:
        """Fetch the master, analyse it, and return how the findings are written."""
        run.device = "cpu"
        run.report(0.0, "fetching")
        async with self.database.transaction() as connection:
            row = await store.by_id(connection, run.job.job_id)
        if await self.objects.stat(row.master_key) is None:
            raise NotFound("TRACK_NOT_FOUND", "The track is gone, so there is nothing to listen to.")
        with self.scratch.job() as folder:
            master = folder / "master.flac"
            run.bytes_read += await self.objects.get_file(row.master_key, master)
            run.report(0.05, "analysing")
            heard = await asyncio.to_thread(_listen, run, master)

        async def write(connection: AsyncConnection) -> None:
            await store.write_findings(connection, row.analysis_id, _findings(heard))

        return write


def _listen(run: Run, master: Path) -> Analysis:
    began = perf_counter()
    try:
        with soundfile.SoundFile(master) as file:
            prepared = analysis.prepare_blocks(_blocks(file), file.samplerate, file.channels, run.stopped)
        return analysis.analyse_prepared(prepared, lambda done: run.report(0.1 + 0.9 * done, "analysing"), run.stopped)
    except analysis.Cancelled:
        raise Stopped from None
    finally:
        run.engine_seconds += perf_counter() - began


def _blocks(file: soundfile.SoundFile) -> Iterator[NDArray[np.float32]]:
    return iter(file.blocks(BLOCK_FRAMES, dtype="float32", always_2d=True))


def _findings(heard: Analysis) -> Findings:
    return Findings(
        tempo_bpm=heard.tempo.bpm if heard.tempo else None,
        tempo_confidence=heard.tempo.confidence if heard.tempo else None,
        key_name=str(heard.key.name) if heard.key else "",
        key_tonic=heard.key.name.tonic if heard.key else None,
        key_mode=heard.key.name.mode if heard.key else None,
        key_confidence=heard.key.confidence if heard.key else None,
        loudness_lufs=heard.loudness.integrated_lufs,
        tuning_cents=heard.tuning_cents,
    )
