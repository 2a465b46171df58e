"""The use case of the worker: stems in, a song out."""

import asyncio
import hashlib
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from minio.error import S3Error
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.errors import InvalidInput, NotReady
from chassis.objects import ObjectKey, ObjectStore
from chassis.postgres import Database
from chassis.scratch import Scratch
from chassis.work import Finish, Run, Stopped
from services.fusion import mixing, store
from services.fusion.config import SERVICE
from services.fusion.mixing import DEFAULT_ENCODINGS, Format, Part
from services.fusion.store import FusionRow, RenderedFile, Result, Selection

CONTENT_TYPES = {Format.WAV: "audio/wav", Format.FLAC: "audio/flac", Format.MP3: "audio/mpeg"}

# Shares of the progress bar.
FETCHED, MIXED, RENDERED = 0.15, 0.55, 0.9


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
        with self.scratch.job() as folder:
            paths = await self._fetch(run, fusion, folder)
            result, files = await asyncio.to_thread(_fuse, run, fusion.stems, paths, folder)
            await self._keep_or_remove(run, fusion, files)
        attempt = run.job.attempt

        async def write(connection: AsyncConnection) -> None:
            await store.write_result(connection, fusion.fusion_id, attempt, result)

        return write

    async def _fetch(self, run: Run, fusion: FusionRow, folder: Path) -> list[Path]:
        """Fetch every stem, muted ones too: they count for length and rate."""
        paths = []
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
            paths.append(path)
        return paths

    async def _keep_or_remove(self, run: Run, fusion: FusionRow, files: dict[Format, Path]) -> None:
        """Store the files; if that stops half-way, or the fusion was deleted meanwhile, nothing of them stays."""
        try:
            await self._keep(run, fusion, files)
            async with self.database.transaction() as connection:
                if not await store.exists(connection, fusion.fusion_id):
                    raise Stopped
        except Exception:
            await self.objects.remove_prefix(f"{SERVICE}/{fusion.owner_id}/{fusion.fusion_id}/{run.job.attempt}/")
            raise

    async def _keep(self, run: Run, fusion: FusionRow, files: dict[Format, Path]) -> None:
        for number, (kind, path) in enumerate(files.items()):
            run.check()
            run.report(RENDERED + (1 - RENDERED) * number / len(files), "storing")
            key = ObjectKey(SERVICE, fusion.owner_id, fusion.fusion_id, run.job.attempt, f"fusion.{kind.value}")
            stored = await self.objects.put_file(key, path, CONTENT_TYPES[kind])
            run.bytes_written += stored.size_bytes


def _fuse(run: Run, stems: tuple[Selection, ...], paths: list[Path], folder: Path) -> tuple[Result, dict[Format, Path]]:
    """Mix and render, in a thread of its own."""
    began = perf_counter()
    try:
        return _mixed(run, stems, paths, folder)
    except mixing.Cancelled:
        raise Stopped from None
    except mixing.InvalidPart as error:
        raise InvalidInput("STEMS_NOT_MIXABLE", f"These stems can't be mixed: {error}.") from None
    finally:
        run.engine_seconds += perf_counter() - began


def _mixed(
    run: Run, stems: tuple[Selection, ...], paths: list[Path], folder: Path
) -> tuple[Result, dict[Format, Path]]:
    parts = [
        Part.of_file(
            path,
            scale_bits=stem.scale_bits,
            name=stem.type,
            gain_db=stem.gain_db,
            pan=stem.pan,
            muted=stem.mute,
        )
        for stem, path in zip(stems, paths, strict=True)
    ]
    span = MIXED - FETCHED
    mixed = mixing.mix(
        parts,
        folder / "mix",
        progress=lambda done: run.report(FETCHED + span * done, "mixing"),
        cancelled=run.stopped,
    )
    files, rendered = {}, []
    share = (RENDERED - MIXED) / len(DEFAULT_ENCODINGS)
    for number, encoding in enumerate(DEFAULT_ENCODINGS):
        kind = encoding.format
        path, start = folder / f"fusion.{kind.value}", MIXED + number * share
        bar = _Bar(run, start, share, f"rendering {kind.value}")
        rendered.append(mixing.render(mixed, encoding, path, progress=bar, cancelled=run.stopped))
        files[kind] = path
    reference = rendered[0]
    described = tuple(RenderedFile(kind.value, path.stat().st_size, _sha256(path)) for kind, path in files.items())
    result = Result(
        duration_seconds=reference.frames / reference.sample_rate,
        frames=reference.frames,
        sample_rate=reference.sample_rate,
        loudness_lufs=reference.loudness_lufs,
        true_peak_dbtp=reference.true_peak_dbtp,
        applied_gain_db=reference.gain_db,
        files=described,
    )
    return result, files


@dataclass(frozen=True)
class _Bar:
    """The part of the progress bar that one step fills."""

    run: Run
    start: float
    share: float
    stage: str

    def __call__(self, done: float) -> None:
        # No hair beyond it by rounding: the next stage, which begins there, would look like a step back.
        self.run.report(min(self.start + self.share * done, RENDERED), self.stage)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
