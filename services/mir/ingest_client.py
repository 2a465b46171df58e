"""Ingest as mir sees it: is this the caller's track, and where is its master?"""

from typing import Any

import grpc
from puremusic.ingest.v1 import ingest_pb2, ingest_pb2_grpc

from chassis import peers
from chassis.errors import NotReady
from services.mir.store import Track


class IngestClient:
    """Asks ingest with the caller's own token, so that ingest checks the owner."""

    def __init__(self, address: str) -> None:
        self._channel = peers.channel(address)
        self._tracks = ingest_pb2_grpc.TracksServiceStub(self._channel)

    async def ready_track(self, track_id: str, context: grpc.aio.ServicerContext[Any, Any]) -> Track:
        """Return the caller's track, or raise `NotFound` or `NotReady`."""
        request = ingest_pb2.GetTrackRequest(track_id=track_id)
        track = await self._tracks.GetTrack(request, **peers.options(context))
        if track.status != ingest_pb2.TRACK_STATUS_UPLOADED:
            raise NotReady(
                "TRACK_NOT_READY", "The track is not ready yet: wait until it is 'uploaded'.", track_id=track_id
            )
        return to_track(track)

    async def close(self) -> None:
        """Hang up."""
        await self._channel.close()


def to_track(track: ingest_pb2.Track) -> Track:
    """Return what mir needs of a track."""
    return Track(track.track_id, track.user_id, track.audio.master_key, track.audio.duration_seconds)
