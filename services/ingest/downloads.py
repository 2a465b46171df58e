"""The use case of fetching a track: a presigned address of the original or of the master."""

from dataclasses import dataclass
from datetime import datetime

from chassis.errors import NotReady
from chassis.objects import ObjectStore
from services.ingest import store, titles
from services.ingest.decoding.master import MASTER_MIME_TYPE
from services.ingest.store import TrackRow


@dataclass(frozen=True)
class Download:
    """Where a file may be fetched, and under what name it should be saved."""

    url: str
    expires: datetime
    filename: str
    size_bytes: int


def download(objects: ObjectStore, track: TrackRow, *, master: bool) -> Download:
    """Return where to fetch the master, or the file as uploaded. Raises `NotReady` before the file was checked."""
    if track.audio is None:
        raise NotReady("TRACK_NOT_READY", "The track can't be fetched: it is not 'uploaded'.", track_id=track.track_id)
    if master:
        key, name = track.key(track.audio.master_attempt, store.MASTER), titles.as_filename(track.title, "flac")
        size_bytes, mime_type = track.audio.master_bytes, MASTER_MIME_TYPE
    else:
        key, name = track.original, track.filename
        size_bytes, mime_type = track.size_bytes, track.audio.mime_type
    url, expires = objects.presign_get(str(key), name, content_type=mime_type)
    return Download(url, expires, name, size_bytes)
