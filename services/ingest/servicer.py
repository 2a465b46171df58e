"""Transport: gRPC to use cases and back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import grpc
from puremusic.ingest.v1 import ingest_pb2, ingest_pb2_grpc
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import idempotency, identity, jobs, paging, validation
from chassis.jobs import JobConfig
from chassis.objects import ObjectStore
from chassis.paging import Page
from chassis.postgres import Database
from chassis.work_record import to_timestamp
from services.ingest import deletions, downloads, messages, store, tracks, uploads
from services.ingest.config import FileConfig, QuotaConfig
from services.ingest.store import TrackRow
from services.ingest.tracks import Announcement
from services.ingest.uploads import Uploads
from services.ingest.waveforms import Waveforms

Context = grpc.aio.ServicerContext[Any, Any]
UPDATABLE = frozenset(("title",))


@dataclass(frozen=True)
class TracksServicer(ingest_pb2_grpc.TracksServiceServicer):
    """Serves `puremusic.ingest.v1.TracksService`."""

    database: Database
    objects: ObjectStore
    jobs: JobConfig
    file: FileConfig
    quota: QuotaConfig
    uploads: Uploads
    waveforms: Waveforms

    async def CreateTrack(
        self, request: ingest_pb2.CreateTrackRequest, context: Context
    ) -> ingest_pb2.CreateTrackResponse:
        """Take note of a track and return how to send its bytes."""
        new = tracks.admit(_announcement(request), self.file.max_bytes)
        async with self.database.transaction() as connection:
            track_id = await idempotency.once(
                connection,
                new.owner_id,
                "CreateTrack",
                request.idempotency_key,
                request,
                lambda: tracks.create(connection, self.quota, new, messages.announce),
            )
            row = await store.find(connection, new.owner_id, track_id)
            shown = await _shown(connection, row)
        answer = ingest_pb2.CreateTrackResponse(track=shown)
        if row.upload_completed_at is None:  # it may be set where a key is repeated late
            answer.upload.CopyFrom(messages.to_upload(await self.uploads.requests(row)))
        return answer

    async def GetUpload(self, request: ingest_pb2.GetUploadRequest, context: Context) -> ingest_pb2.Upload:
        """Return fresh requests for what has not arrived."""
        return messages.to_upload(await self.uploads.requests(await self._own(request.track_id)))

    async def CompleteUpload(self, request: ingest_pb2.CompleteUploadRequest, context: Context) -> ingest_pb2.Track:
        """Have the file checked once all bytes are there."""
        row = await self._own(request.track_id)
        if row.upload_completed_at is None:
            await self.uploads.check_arrived(row)
        async with self.database.transaction() as connection:
            await uploads.request_check(connection, self.jobs, row, messages.announce)
            return await _shown_again(connection, row)

    async def GetTrack(self, request: ingest_pb2.GetTrackRequest, context: Context) -> ingest_pb2.Track:
        """Return a track."""
        async with self.database.transaction() as connection:
            return await _shown(connection, await _own(connection, request.track_id))

    async def ListTracks(
        self, request: ingest_pb2.ListTracksRequest, context: Context
    ) -> ingest_pb2.ListTracksResponse:
        """List the caller's tracks, newest first."""
        page = paging.page(request.page_size, request.page_token)
        async with self.database.transaction() as connection:
            found = await store.newest(connection, identity.caller().user_id, page.size + 1, _before(page))
            rows, last = paging.split(found, page.size)
            records = await jobs.find_many(connection, [row.track_id for row in rows])
        shown = [messages.to_track(row, records.get(row.track_id)) for row in rows]
        following = paging.token(last.created_at.isoformat(), last.track_id) if last else ""
        return ingest_pb2.ListTracksResponse(tracks=shown, next_page_token=following)

    async def UpdateTrack(self, request: ingest_pb2.UpdateTrackRequest, context: Context) -> ingest_pb2.Track:
        """Change what the mask names."""
        validation.check_mask(request.update_mask.paths, UPDATABLE)
        async with self.database.transaction() as connection:
            row = await _own(connection, request.track.track_id)
            await tracks.rename(connection, row, request.track.title, messages.announce_updated)
            return await _shown_again(connection, row)

    async def DeleteTrack(
        self, request: ingest_pb2.DeleteTrackRequest, context: Context
    ) -> ingest_pb2.DeleteTrackResponse:
        """Delete a track and its objects."""
        async with self.database.transaction() as connection:
            row = await _own(connection, request.track_id)
            await deletions.forget(connection, [row], messages.announce_deleted)
        await deletions.clear(self.objects, [row])
        return ingest_pb2.DeleteTrackResponse()

    async def GetDownloadUrl(
        self, request: ingest_pb2.GetDownloadUrlRequest, context: Context
    ) -> ingest_pb2.GetDownloadUrlResponse:
        """Return where to fetch the original or the master."""
        master = request.file == ingest_pb2.TRACK_FILE_MASTER
        found = downloads.download(self.objects, await self._own(request.track_id), master=master)
        return ingest_pb2.GetDownloadUrlResponse(
            url=found.url, expire_time=to_timestamp(found.expires), filename=found.filename, size_bytes=found.size_bytes
        )

    async def GetWaveform(self, request: ingest_pb2.GetWaveformRequest, context: Context) -> ingest_pb2.Waveform:
        """Return a track's peaks."""
        row = await self._own(request.track_id)
        peaks = await self.waveforms.peaks(row, request.points)
        duration = row.audio.duration_seconds if row.audio else 0.0
        return ingest_pb2.Waveform(
            track_id=row.track_id, duration_seconds=duration, minima=peaks.minima, maxima=peaks.maxima
        )

    async def TakedownContent(
        self, request: ingest_pb2.TakedownContentRequest, context: Context
    ) -> ingest_pb2.TakedownContentResponse:
        """Delete and block content."""
        async with self.database.transaction() as connection:
            gone = await deletions.take_down(
                connection,
                request.content_hash,
                request.reason,
                identity.caller().user_id,
                messages.announce_deleted,
            )
        await deletions.clear(self.objects, gone)
        return ingest_pb2.TakedownContentResponse(tracks_deleted=len(gone))

    async def _own(self, track_id: str) -> TrackRow:
        async with self.database.transaction() as connection:
            return await _own(connection, track_id)


async def _own(connection: AsyncConnection, track_id: str) -> TrackRow:
    return await store.find(connection, identity.caller().user_id, track_id)


async def _shown(connection: AsyncConnection, row: TrackRow) -> ingest_pb2.Track:
    records = await jobs.find_many(connection, [row.track_id])
    return messages.to_track(row, records.get(row.track_id))


async def _shown_again(connection: AsyncConnection, row: TrackRow) -> ingest_pb2.Track:
    """Show the track as the transaction leaves it."""
    return await _shown(connection, await store.find(connection, row.owner_id, row.track_id))


def _announcement(request: ingest_pb2.CreateTrackRequest) -> Announcement:
    return Announcement(
        owner_id=identity.caller().user_id,
        filename=request.filename,
        title=request.title,
        size_bytes=request.size_bytes,
        sha256=request.sha256,
        rights_confirmed=request.rights_confirmed,
        process=request.process if request.HasField("process") else True,
    )


def _before(page: Page) -> tuple[datetime, str] | None:
    if page.after is None:
        return None
    try:
        moment, track_id = page.after
        at = datetime.fromisoformat(moment)
        if at.tzinfo is None:
            raise ValueError(moment)
    except ValueError:
        raise paging.foreign_token() from None
    return at, track_id
