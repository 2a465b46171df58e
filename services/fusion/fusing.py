"""The use case of the worker: stems in, a song out."""

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter

from minio.error import S3Error
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.errors import Internal, InvalidInput, NotReady
from chassis.objects import ObjectKey, ObjectStore
from chassis.postgres import Database
from chassis.scratch import Scratch
from chassis.work import Finish, Run, Stopped
from services.fusion import formats, store
from services.fusion.config import SERVICE
from services.fusion.earlier import unplanned
from services.fusion.making import Made, Maker
from services.fusion.mixing.checking import InvalidArrangement
from services.fusion.mixing.progress import Cancelled, Progress
from services.fusion.mixing.receipts import FileRecord, Receipt, ResultRecord, from_json, to_json, versions
from services.fusion.mixing.rendering import InvalidEncoding
from services.fusion.mixing.sources import InvalidSource
from services.fusion.mixing.stretching import MissingLibrary
from services.fusion.store import FusionRow, RenderedFile, Result

JSON = "application/json"

# Shares of the progress bar.
FETCHED, MIXED, RENDERED = 0.15, 0.6, 0.9


@dataclass(frozen=True)
class Fuser:
    """Fuses: the work of one job."""

    database: Database
    objects: ObjectStore
    scratch: Scratch

    async def __call__(self, run: Run) -> Finish:
        """Fetch the stems, mix and render them, store the files, and return how the result is written."""
        run.device = "cpu"
        async with self.database.transaction() as connection:
            fusion = await store.by_id(connection, run.job.job_id)
            commission = await store.commission(connection, fusion.fusion_id)
        with self.scratch.job() as folder:
            stems = await self._fetch(run, fusion, folder)
            result, files = await asyncio.to_thread(_fuse, run, fusion, commission, stems, folder)
            await self._keep_or_remove(run, fusion, files)
        attempt = run.job.attempt

        async def write(connection: AsyncConnection) -> None:
            await store.write_result(connection, fusion.fusion_id, attempt, result)

        return write

    async def _fetch(self, run: Run, fusion: FusionRow, folder: Path) -> dict[str, Path]:
        """Fetch every stem, muted ones too: they count for length and rate."""
        paths = {}
        for number, stem in enumerate(fusion.stems):
            run.check()
            run.report(FETCHED * number / len(fusion.stems), "fetching")
            path = folder / f"stem{number}"
            try:
                run.bytes_read += await self.objects.get_file(stem.object_key, path)
            except S3Error as error:
                if error.code not in ("NoSuchKey", "NoSuchObject"):
                    raise
                raise NotReady("STEM_GONE", "A chosen stem was deleted. Choose another and fuse again.") from None
            paths[stem.stem_id] = path
        return paths

    async def _keep_or_remove(self, run: Run, fusion: FusionRow, files: Mapping[str, tuple[Path, str]]) -> None:
        """Store the files; if that stops half-way, or the fusion was deleted meanwhile, nothing of them stays."""
        try:
            await self._keep(run, fusion, files)
            async with self.database.transaction() as connection:
                if not await store.exists(connection, fusion.fusion_id):
                    raise Stopped
        except Exception:
            await self.objects.remove_prefix(f"{SERVICE}/{fusion.owner_id}/{fusion.fusion_id}/{run.job.attempt}/")
            raise

    async def _keep(self, run: Run, fusion: FusionRow, files: Mapping[str, tuple[Path, str]]) -> None:
        for number, (name, (path, content_type)) in enumerate(files.items()):
            run.check()
            run.report(RENDERED + (1 - RENDERED) * number / len(files), "storing")
            key = ObjectKey(SERVICE, fusion.owner_id, fusion.fusion_id, run.job.attempt, name)
            stored = await self.objects.put_file(key, path, content_type)
            run.bytes_written += stored.size_bytes


def _fuse(
    run: Run, fusion: FusionRow, commission: str | None, stems: Mapping[str, Path], folder: Path
) -> tuple[Result, dict[str, tuple[Path, str]]]:
    """Mix and render, in a thread of its own; return the result, and by name the files with their types."""
    began = perf_counter()
    try:
        receipt = from_json(commission) if commission else unplanned(fusion.title, fusion.stems, stems)
        made = Maker(receipt, folder, _Bar(run, receipt).stage, run.stopped).make(stems)
        result = _result(made)
        kept = folder / formats.RECEIPT
        kept.write_text(to_json(replace(receipt, versions=versions(), result=_record(result))), encoding="utf-8")
    except Cancelled:
        raise Stopped from None
    except (InvalidSource, InvalidArrangement) as error:
        raise InvalidInput("STEMS_NOT_MIXABLE", f"These stems can't be mixed: {error}.") from None
    except InvalidEncoding as error:
        raise InvalidInput(error.reason, str(error)) from None
    except MissingLibrary as error:
        raise Internal("STRETCHER_MISSING", str(error)) from None
    finally:
        run.engine_seconds += perf_counter() - began
    files = {formats.object_name(kind): (path, formats.FORMATS[kind].content_type) for kind, path in made.files.items()}
    return result, {**files, formats.RECEIPT: (kept, JSON)}


def _result(made: Made) -> Result:
    mixed, level = made.mixed, made.mixed.level
    return Result(
        duration_seconds=mixed.frames / mixed.sample_rate,
        frames=mixed.frames,
        sample_rate=mixed.sample_rate,
        loudness_lufs=None if mixed.loudness_lufs is None else mixed.loudness_lufs + level.gain_db,
        true_peak_dbtp=None if mixed.true_peak_dbtp is None else mixed.true_peak_dbtp + level.gain_db,
        applied_gain_db=level.gain_db,
        files=tuple(RenderedFile(kind, path.stat().st_size, _sha256(path)) for kind, path in made.files.items()),
        limited_db=level.limited_db,
        warnings=tuple(made.warnings),
    )


def _record(result: Result) -> ResultRecord:
    return ResultRecord(
        frames=result.frames,
        sample_rate=result.sample_rate,
        loudness_lufs=result.loudness_lufs,
        true_peak_dbtp=result.true_peak_dbtp,
        gain_db=result.applied_gain_db,
        files={formats.object_name(file.format): FileRecord(file.sha256, file.size_bytes) for file in result.files},
    )


class _Bar:
    """The progress bar: mixing, then an equal share for every file."""

    def __init__(self, run: Run, receipt: Receipt) -> None:
        self._run = run
        self._count = len(receipt.encodings) + receipt.stems_zip + receipt.stem_mp4
        self._begun = -1

    def stage(self, name: str) -> Progress:
        """Begin the next stage."""
        self._begun += 1
        start, end = self._edge(self._begun), self._edge(self._begun + 1)
        # No hair beyond it by rounding: the next stage, which begins there, would look like a step back.
        return lambda done: self._run.report(min(start + (end - start) * done, end), name)

    def _edge(self, number: int) -> float:
        return FETCHED if number == 0 else MIXED + (RENDERED - MIXED) * (number - 1) / self._count


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
