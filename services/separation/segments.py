"""Segments: what is finished of all stems is published while the rest computes, to be listened to and to go on from.

The computing thread cuts, the event loop uploads, one segment at a time. While one is on its way the next grows: a slow store
makes segments longer, a store that is away delays them, and neither delays the work.
"""

import asyncio
import contextlib
import logging
import shutil
import threading
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Final, Self

from sqlalchemy.exc import DBAPIError

from chassis import jobs
from chassis.errors import Unavailable
from chassis.jobs import Announce
from chassis.objects import ObjectKey, ObjectStore, StoredObject, StoreError
from chassis.postgres import AWAY, Database
from chassis.tasks import end
from chassis.work import Run
from services.separation import segment_store
from services.separation.config import SERVICE
from services.separation.formats import FLAC
from services.separation.segment_store import SegmentRow, SegmentStem
from services.separation.stem_files import Layout, Samples, StemFile, StemFiles

RETRY_SECONDS: Final = 2.0

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Segment:
    """A piece of all stems as files of a folder of their own."""

    first_frame: int
    folder: Path
    files: Sequence[StemFile]


class SegmentPublisher:
    """Uploads an attempt's segments and points rows at them, as long as the attempt holds the job."""

    def __init__(self, database: Database, objects: ObjectStore, announce: Announce, run: Run, recipe: str) -> None:
        self._database = database
        self._objects = objects
        self._announce = announce
        self._run = run
        self._recipe = recipe
        self._loop = asyncio.get_running_loop()
        self._handed_over: asyncio.Queue[Segment] = asyncio.Queue()
        self._arriving: asyncio.Task[StoredObject] | None = None
        self._idle = threading.Event()
        self._idle.set()

    @property
    def idle(self) -> bool:
        """Whether nothing is on its way."""
        return self._idle.is_set()

    def publish(self, segment: Segment) -> None:
        """Hand a segment over; any thread may, when it is idle."""
        self._idle.clear()
        self._loop.call_soon_threadsafe(self._handed_over.put_nowait, segment)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Upload until the end of the block; what is not published by then is dropped. Behind it nothing arrives any more."""
        task = asyncio.create_task(self._upload())
        try:
            yield
        finally:
            await end([task])
            if self._arriving:
                await asyncio.gather(self._arriving, return_exceptions=True)

    async def _upload(self) -> None:
        while True:
            segment = await self._handed_over.get()
            try:
                await self._persist(segment)
            except Exception:  # the segments that follow would leave a gap: there are no more of this attempt
                log.exception("segment not published", extra={"facts": {"job_id": self._run.job.job_id}})
                return
            self._idle.set()

    async def _persist(self, segment: Segment) -> None:
        """Publish it however long the servers are away."""
        while True:
            try:
                stems = [await self._store(segment, file) for file in segment.files]
                await self._point(segment, stems)
            except (Unavailable, StoreError, DBAPIError, *AWAY) as error:
                facts = {"job_id": self._run.job.job_id, "error": repr(error)}
                log.warning("segment delayed", extra={"facts": facts})
                await asyncio.sleep(RETRY_SECONDS)
            else:
                shutil.rmtree(segment.folder)
                return

    async def _store(self, segment: Segment, file: StemFile) -> SegmentStem:
        name = f"segments/{segment.first_frame}-{file.type}.{FLAC.extension}"
        job = self._run.job
        key = ObjectKey(SERVICE, job.owner_id, job.job_id, job.attempt, name)
        # A thread sends it, which nobody can cancel: what is on its way arrives.
        self._arriving = asyncio.create_task(self._objects.put_file(key, file.path, FLAC.media_type))
        stored = await asyncio.shield(self._arriving)
        self._run.bytes_written += stored.size_bytes
        return SegmentStem(file.type, str(key), file.scale_bits, file.size_bytes, file.sha256)

    async def _point(self, segment: Segment, stems: Sequence[SegmentStem]) -> None:
        job, frames = self._run.job, segment.files[0].frames
        row = SegmentRow(job.job_id, segment.first_frame, frames, job.attempt, self._recipe, stems)
        async with self._database.transaction() as connection:
            if await jobs.held(connection, job):  # else a heartbeat is about to stop the run
                await segment_store.insert(connection, row)
                await self._announce(connection, job.job_id)


class SegmentCutter:
    """Collects what is finished of all stems, and hands it over as segments, `seconds` of wall time apart at least."""

    def __init__(
        self, publisher: SegmentPublisher, layout: Layout, folder: Path, first_frame: int, seconds: float
    ) -> None:
        self._publisher = publisher
        self._layout = layout
        self._folder = folder
        self._seconds = seconds
        self._begin(first_frame)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._files.close()

    def add(self, block: Mapping[str, Samples]) -> None:
        """Collect the next frames of every stem."""
        self._files.add(block)

    def cut_if_due(self) -> None:
        """Hand over what was collected, if it is time and the one before is published."""
        if self._files.frames and self._publisher.idle and monotonic() - self._since >= self._seconds:
            self._cut()

    def _begin(self, first_frame: int) -> None:
        self._first_frame = first_frame
        self._since = monotonic()
        self._own = self._folder / f"segment-{first_frame}"
        self._own.mkdir()
        self._files = StemFiles(self._layout, self._own)

    def _cut(self) -> None:
        files = self._files.finish()
        self._files.close()
        self._publisher.publish(Segment(self._first_frame, self._own, files))
        self._begin(self._first_frame + self._files.frames)
