"""The use case of downloading: addresses of stems and archives, made at first asking where only the stored file is there.

What is made of a stem is kept beside it, under the same separation and attempt, so that it goes with it, whoever else has the
stem. Archives know the track's title: each separation has its own.
"""

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from chassis.errors import NotFound, NotReady
from chassis.objects import ObjectKey, ObjectStore
from chassis.postgres import Database
from chassis.scratch import Scratch
from services.separation import store
from services.separation.config import SERVICE
from services.separation.formats import (
    FLAC,
    MP3,
    ZIP,
    Format,
    archive_filename,
    offered_form,
    stem_filename,
    stored_form,
)
from services.separation.segment_store import SegmentStem
from services.separation.store import RESIDUAL, SeparationRow, StemRow

log = logging.getLogger(__name__)

ENCODERS = 2
DERIVED = "derived/"
"""What the names of made files begin with."""
PATIENCE_SECONDS = 10.0
"""How long a call waits for a file in the making; below the patience of proxies, which end a call after 15 s."""

Make = Callable[[Path], Awaitable[Path]]
"""Makes a file in a folder and returns its path."""


@dataclass(frozen=True)
class Download:
    """Where something can be fetched, until when, and what it is called."""

    url: str
    expires: datetime
    filename: str
    size_bytes: int


@dataclass(frozen=True)
class Made:
    """An object that can be fetched."""

    key: str
    size_bytes: int


class Downloads:
    """Makes downloads. However many ask for the same file at once, it is made once."""

    def __init__(self, database: Database, objects: ObjectStore, scratch: Scratch) -> None:
        self._database = database
        self._objects = objects
        self._scratch = scratch
        self._encoders = asyncio.Semaphore(ENCODERS)
        self._making: dict[str, asyncio.Task[Made]] = {}
        self._closing = threading.Event()

    async def stem(self, row: SeparationRow, stem: StemRow, form: Format) -> Download:
        """Return where the stem can be fetched; raises `NotReady` when making it takes long: ask again."""
        offered = offered_form(stem.object_key, form)
        made = await _patiently(self._stem(stem, offered))
        return self._presigned(made, stem_filename(row.title, stem.type, offered), offered)

    def segment(self, row: SeparationRow, stem: SegmentStem) -> Download:
        """Return where a piece of a stem can be fetched, to be played at once."""
        filename = stem_filename(row.title, stem.type, FLAC)
        url, expires = self._objects.presign_get(stem.object_key, filename, inline=True, content_type=FLAC.media_type)
        return Download(url, expires, filename, stem.size_bytes)

    async def archive(self, row: SeparationRow, attempt: int, stems: Sequence[StemRow], form: Format) -> Download:
        """Return where a ZIP with these stems can be fetched; raises as `stem` does.

        What is lossy adds up to nothing: an MP3 archive is without the residual.
        """
        key = ObjectKey(SERVICE, row.owner_id, row.separation_id, attempt, f"{DERIVED}stems-{form.extension}.zip")
        packed = [stem for stem in stems if stem.type != RESIDUAL or form != MP3]

        async def pack(folder: Path) -> Path:
            return await self._pack(folder, row, packed, form)

        made = await _patiently(self._made(key, ZIP, pack))
        return self._presigned(made, archive_filename(row.title), ZIP)

    async def close(self) -> None:
        """Give up what is in the making."""
        self._closing.set()
        making = list(self._making.values())
        for task in making:
            task.cancel()
        await asyncio.gather(*making, return_exceptions=True)

    async def _stem(self, stem: StemRow, form: Format) -> Made:
        stored = stored_form(stem.object_key)
        if form == stored:
            return Made(stem.object_key, stem.size_bytes)

        async def encode(folder: Path) -> Path:
            source, target = folder / f"stored.{stored.extension}", folder / f"stem.{form.extension}"
            await self._objects.get_file(stem.object_key, source)
            async with self._encoders:
                await asyncio.to_thread(_transcode, source, target, form, self._closing.is_set)
            return target

        return await self._made(_derived(stem, f"{stem.type}.{form.extension}"), form, encode)

    async def _pack(self, folder: Path, row: SeparationRow, stems: Sequence[StemRow], form: Format) -> Path:
        archive, member = folder / "stems.zip", folder / "member"
        forms = [offered_form(stem.object_key, form) for stem in stems]
        members = await asyncio.gather(*map(self._stem, stems, forms))
        for stem, offered, made in zip(stems, forms, members, strict=True):
            await self._objects.get_file(made.key, member)
            await asyncio.to_thread(_add, archive, member, stem_filename(row.title, stem.type, offered))
            member.unlink()
        return archive

    async def _made(self, key: ObjectKey, form: Format, make: Make) -> Made:
        """Return the object, which is made if it is not there. Whoever asks may leave: the making goes on."""
        present = await self._objects.stat(str(key))
        if present:
            return Made(present.key, present.size_bytes)
        task = self._making.get(str(key))
        if task is None:
            task = asyncio.create_task(self._make(key, form, make))
            self._making[str(key)] = task
            task.add_done_callback(lambda done: self._forget(str(key), done))
        return await asyncio.shield(task)

    def _forget(self, key: str, task: "asyncio.Task[Made]") -> None:
        del self._making[key]
        if not task.cancelled() and (error := task.exception()):
            log.warning("download not made", extra={"facts": {"key": key, "error": repr(error)}})

    async def _make(self, key: ObjectKey, form: Format, make: Make) -> Made:
        with self._scratch.job() as folder:
            stored = await self._objects.put_file(key, await make(folder), form.media_type)
        async with self._database.transaction() as connection:
            kept = await store.kept_attempts(connection, [key.aggregate_id])
        if (key.aggregate_id, key.attempt) not in kept:  # deleted meanwhile, perhaps after its objects were removed
            await self._objects.remove([str(key)])
            raise NotFound("SEPARATION_NOT_FOUND", "There is no such separation.")
        return Made(stored.key, stored.size_bytes)

    def _presigned(self, made: Made, filename: str, form: Format) -> Download:
        url, expires = self._objects.presign_get(made.key, filename, content_type=form.media_type)
        return Download(url, expires, filename, made.size_bytes)


async def _patiently(making: Awaitable[Made]) -> Made:
    try:
        return await asyncio.wait_for(making, PATIENCE_SECONDS)
    except TimeoutError:
        raise NotReady("DOWNLOAD_IN_PREPARATION", "The file is being made. Ask again in a few seconds.") from None


def _derived(stem: StemRow, name: str) -> ObjectKey:
    """Return where something made of a stem lies: with the stem, so that one prefix holds all."""
    return replace(ObjectKey.parse(stem.object_key), name=f"{DERIVED}{name}")


def _transcode(source: Path, target: Path, form: Format, stopped: Callable[[], bool]) -> None:
    # Imported at first use: numpy and libsndfile are not worth a server's start-up.
    from services.separation import transcoding

    transcoding.transcode(source, target, form, stopped)


def _add(archive: Path, member: Path, name: str) -> None:
    from services.separation import transcoding  # as above

    transcoding.add_to_archive(archive, member, name)
