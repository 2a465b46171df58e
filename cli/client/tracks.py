"""A file becomes a track."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from puremusic.ingest.v1 import ingest_pb2

from cli.client import methods, uploads
from cli.client.api import Api
from cli.client.errors import Refused
from cli.client.uploads import Source

__all__ = ["Wish", "resume", "upload"]


@dataclass(frozen=True)
class Wish:
    """What its owner says about an upload."""

    title: str = ""
    process: bool = True
    """Whether it is separated and analysed by itself."""


Begun = Callable[[str, Source], Callable[[int], None]]
"""Is told the track's id and the file, and gives what is told of the bytes."""


async def upload(api: Api, path: Path, wish: Wish, begun: Begun) -> ingest_pb2.Track:
    """Upload a file that the caller has the right to use; returns the track, which is being checked."""
    source = await uploads.measure(path)
    request = ingest_pb2.CreateTrackRequest(
        filename=path.name,
        size_bytes=source.size,
        mime_type=source.mime_type,
        sha256=source.sha256,
        rights_confirmed=True,
        process=wish.process,
        title=wish.title,
        idempotency_key=uuid.uuid4().hex,
    )
    created = await api.call(methods.CREATE_TRACK, request)
    await uploads.send(api, source, created.upload, begun(created.track.track_id, source))
    return await _complete(api, created.track.track_id)


async def resume(api: Api, track_id: str, path: Path, begun: Begun) -> ingest_pb2.Track:
    """Go on with an upload that broke; only what has not arrived is sent."""
    track = await api.call(methods.GET_TRACK, ingest_pb2.GetTrackRequest(track_id=track_id))
    if track.status != ingest_pb2.TRACK_STATUS_AWAITING_UPLOAD:
        raise Refused("UPLOAD_COMPLETE", f"'{track.title}' has been uploaded already.", code="FAILED_PRECONDITION")
    source = await uploads.measure(path)
    if source.size != track.size_bytes:
        raise Refused(
            "OTHER_FILE", f"{path} has {source.size} bytes, the upload was begun with {track.size_bytes}: not the same."
        )
    remaining = await api.call(methods.GET_UPLOAD, ingest_pb2.GetUploadRequest(track_id=track_id))
    sent = begun(track_id, source)
    if remaining.HasField("parts"):
        sent(source.size - sum(part.size_bytes for part in remaining.parts.missing))
    await uploads.send(api, source, remaining, sent)
    return await _complete(api, track_id)


async def _complete(api: Api, track_id: str) -> ingest_pb2.Track:
    return await api.call(methods.COMPLETE_UPLOAD, ingest_pb2.CompleteUploadRequest(track_id=track_id))
