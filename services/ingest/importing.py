"""The use case of the worker: checking what really arrived, and making the master that everybody else reads."""

import asyncio
import hashlib
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.errors import InvalidInput, NotFound
from chassis.objects import ObjectStore
from chassis.postgres import Database
from chassis.scratch import Scratch
from chassis.work import Finish, Run, Stopped
from services.ingest import blocklist, decoding, store
from services.ingest.decoding import Limits, Master
from services.ingest.decoding.master import MASTER_MIME_TYPE
from services.ingest.store import Audio, TrackRow

FETCHED = 0.1
DECODED = 0.9


@dataclass(frozen=True)
class Importer:
    """Imports a track: the work of one job."""

    database: Database
    objects: ObjectStore
    scratch: Scratch
    limits: Limits

    async def __call__(self, run: Run) -> Finish:
        """Fetch the original, check and decode it, store the master, and return how the findings are written."""
        run.device = "cpu"
        run.report(0.0, "fetching")
        async with self.database.transaction() as connection:
            track = await store.by_id(connection, run.job.job_id)
        with self.scratch.job() as folder:
            original, into = folder / "original", folder / "decoded"
            into.mkdir()
            await self._fetch(run, track, original)
            run.check()
            master = await self._decode(run, original, into)
            audio = _audio(master, run.job.attempt)
            await self._store(run, track, master)

        async def write(connection: AsyncConnection) -> None:
            await blocklist.check(connection, [audio.file_hash, audio.content_hash])
            await store.write_audio(connection, track.track_id, audio)

        return write

    async def _fetch(self, run: Run, track: TrackRow, original: Path) -> None:
        """Fetch the file and check that it is the one that was announced, before anything looks into it."""
        size_bytes = await self.objects.get_file(str(track.original), original)
        run.bytes_read += size_bytes
        if size_bytes != track.size_bytes:
            raise InvalidInput(
                "SIZE_MISMATCH",
                f"The file has {size_bytes} bytes, and {track.size_bytes} were announced. Upload it again.",
            )
        digest = await asyncio.to_thread(_sha256, original)
        if track.declared_sha256 not in ("", digest):
            raise InvalidInput(
                "CONTENT_MISMATCH", "Other bytes arrived than were announced (SHA-256). Upload the file again."
            )
        async with self.database.transaction() as connection:
            await blocklist.check(connection, [digest])
        run.report(FETCHED, "decoding")

    async def _decode(self, run: Run, original: Path, into: Path) -> Master:
        cancelled = asyncio.Event()
        run.when_stopped(cancelled.set)

        def heard(share: float) -> None:
            run.report(FETCHED + (DECODED - FETCHED) * share, "decoding")

        began = monotonic()
        try:
            return await decoding.decode(original, into, self.limits, cancelled=cancelled, progress=heard)
        except decoding.Rejected as rejected:
            raise InvalidInput(rejected.reason.value, rejected.message) from rejected
        except decoding.Cancelled:
            raise Stopped from None
        finally:
            run.engine_seconds += monotonic() - began

    async def _store(self, run: Run, track: TrackRow, master: Master) -> None:
        run.report(DECODED, "storing")
        for path, name, kind in (
            (master.path, store.MASTER, MASTER_MIME_TYPE),
            (master.waveform, store.WAVEFORM, "application/octet-stream"),
        ):
            stored = await self.objects.put_file(track.key(run.job.attempt, name), path, kind)
            run.bytes_written += stored.size_bytes
        try:
            async with self.database.transaction() as connection:
                await store.by_id(connection, track.track_id)
        except NotFound:  # deleted meanwhile, and its objects before these were there
            await self.objects.remove_prefix(f"{track.prefix}{run.job.attempt}/")
            raise Stopped from None


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _audio(master: Master, attempt: int) -> Audio:
    return Audio(
        mime_type=master.mime_type,
        sample_rate=master.sample_rate,
        channels=master.channels,
        frames=master.frames,
        bit_depth=master.bit_depth,
        content_hash=master.content_sha256,
        file_hash=master.original_sha256,
        master_attempt=attempt,
        master_bytes=master.path.stat().st_size,
    )
