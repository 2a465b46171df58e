"""Ingest as separation sees it: is this the caller's track, and where is its master?"""

from typing import Any

import grpc
from puremusic.ingest.v1 import ingest_pb2, ingest_pb2_grpc

from chassis import peers
from chassis.errors import NotReady
from services.separation.separations import Track

Context = grpc.aio.ServicerContext[Any, Any]


class IngestClient:
    """Asks ingest with the caller's own token, so that ingest checks the owner."""

    def __init__(self, address: str) -> None:
        self._channel = peers.channel(address)
        self._tracks = ingest_pb2_grpc.TracksServiceStub(self._channel)

    async def ready_track(self, track_id: str, context: Context) -> Track:
        """Return the caller's track, or raise `NotFound` or `NotReady`."""
        track = await self._get(track_id, context)
        if track.status != ingest_pb2.TRACK_STATUS_UPLOADED:
            raise NotReady(
                "TRACK_NOT_READY", "The track is not ready yet: wait until it is 'uploaded'.", track_id=track_id
            )
        return to_track(track)

    async def require_own(self, track_id: str, context: Context) -> None:
        """Raise `NotFound` unless the track is the caller's, whatever its state."""
        await self._get(track_id, context)

    async def close(self) -> None:
        """Hang up."""
        await self._channel.close()

    async def _get(self, track_id: str, context: Context) -> ingest_pb2.Track:
        return await self._tracks.GetTrack(ingest_pb2.GetTrackRequest(track_id=track_id), **peers.options(context))


def to_track(track: ingest_pb2.Track) -> Track:
    """Return what separation needs of a track."""
    return Track(
        track_id=track.track_id,
        owner_id=track.user_id,
        title=track.title or track.original_filename,
        master_key=track.audio.master_key,
        content_hash=track.audio.content_hash,
        sample_rate=track.audio.sample_rate,
        channels=track.audio.channels,
    )
