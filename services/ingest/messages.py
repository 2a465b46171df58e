"""Rows as the contract shows them, and the facts that are told about them."""

import uuid

from google.protobuf.timestamp_pb2 import Timestamp
from puremusic.event.v1 import event_pb2
from puremusic.ingest.v1 import events_pb2, ingest_pb2
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import jobs, outbox
from chassis.jobs import Job
from chassis.work_record import now_timestamp, to_timestamp, to_work
from services.ingest import store
from services.ingest.store import Audio, TrackRow
from services.ingest.uploads import PART_BYTES, Upload

STATUS = {
    "pending": ingest_pb2.TRACK_STATUS_CHECKING,
    "running": ingest_pb2.TRACK_STATUS_CHECKING,
    "completed": ingest_pb2.TRACK_STATUS_UPLOADED,
    "failed": ingest_pb2.TRACK_STATUS_FAILED,
    "cancelled": ingest_pb2.TRACK_STATUS_FAILED,
}
FACTS = {
    ingest_pb2.TRACK_STATUS_AWAITING_UPLOAD: "created",
    ingest_pb2.TRACK_STATUS_CHECKING: "checking",
    ingest_pb2.TRACK_STATUS_UPLOADED: "uploaded",
    ingest_pb2.TRACK_STATUS_FAILED: "failed",
}


def to_track(row: TrackRow, job: Job | None) -> ingest_pb2.Track:
    """Return a track with the record of its check, if that was asked for."""
    track = ingest_pb2.Track(
        track_id=row.track_id,
        user_id=row.owner_id,
        title=row.title,
        original_filename=row.filename,
        status=STATUS[job.state] if job else ingest_pb2.TRACK_STATUS_AWAITING_UPLOAD,
        process=row.process,
        size_bytes=row.size_bytes,
        create_time=to_timestamp(row.created_at),
        version=row.version,
    )
    if job:
        track.work.CopyFrom(to_work(job))
    if row.audio:
        track.mime_type = row.audio.mime_type
        track.audio.CopyFrom(_to_audio(row, row.audio))
    if row.imported_at:
        track.upload_time.CopyFrom(to_timestamp(row.imported_at))
    return track


def _to_audio(row: TrackRow, audio: Audio) -> ingest_pb2.Audio:
    return ingest_pb2.Audio(
        duration_seconds=audio.duration_seconds,
        frames=audio.frames,
        sample_rate=audio.sample_rate,
        channels=audio.channels,
        bit_depth=audio.bit_depth,
        content_hash=audio.content_hash,
        file_hash=audio.file_hash,
        master_key=str(row.key(audio.master_attempt, store.MASTER)),
    )


def to_upload(upload: Upload) -> ingest_pb2.Upload:
    """Return how to send what is missing."""
    expires: Timestamp = to_timestamp(upload.expires)
    shown = ingest_pb2.Upload(track_id=upload.track_id, expire_time=expires)
    if upload.post:
        shown.post.CopyFrom(ingest_pb2.Upload.PostUpload(url=upload.post.url, fields=upload.post.fields))
        return shown
    missing = [
        ingest_pb2.Upload.Part(number=part.number, url=part.url, size_bytes=part.size_bytes) for part in upload.missing
    ]
    shown.parts.CopyFrom(
        ingest_pb2.Upload.PartsUpload(part_size=PART_BYTES, part_count=upload.part_count, missing=missing)
    )
    return shown


async def announce(connection: AsyncConnection, track_id: str) -> None:
    """Count a change of the track and tell the world how it stands now."""
    await store.next_version(connection, track_id)
    await tell(connection, track_id)


async def announce_updated(connection: AsyncConnection, track_id: str) -> None:
    """Tell the world that the owner changed something about the track."""
    await store.next_version(connection, track_id)
    await tell(connection, track_id, "updated")


async def announce_deleted(connection: AsyncConnection, track_id: str) -> None:
    """Tell the world that the track is about to be gone."""
    await store.next_version(connection, track_id)
    await tell(connection, track_id, "deleted")


async def tell(connection: AsyncConnection, track_id: str, verb: str = "") -> None:
    """Put the track's present state into the outbox as a fact, named after its status unless a `verb` is given."""
    row = await store.by_id(connection, track_id)
    track = to_track(row, (await jobs.find_many(connection, [track_id])).get(track_id))
    event_id = str(uuid.uuid4())
    meta = event_pb2.EventMeta(
        event_id=event_id, owner_id=row.owner_id, aggregate_id=track_id, version=row.version, time=now_timestamp()
    )
    fact = events_pb2.TrackChanged(meta=meta, track=track, deleted=verb == "deleted")
    subject = f"events.track.{verb or FACTS[track.status]}.{row.owner_id}.{track_id}"
    await outbox.append(connection, subject, fact.SerializeToString(), event_id)
