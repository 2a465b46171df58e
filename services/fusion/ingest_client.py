"""Ingest as fusion sees it: what are these tracks called?"""

import asyncio
import logging
from collections.abc import Collection
from typing import Any

import grpc
from puremusic.ingest.v1 import ingest_pb2, ingest_pb2_grpc

from chassis import peers

log = logging.getLogger(__name__)

Context = grpc.aio.ServicerContext[Any, Any]

AT_ONCE = 8


class IngestClient:
    """Asks ingest with the caller's own token."""

    def __init__(self, address: str) -> None:
        self._channel = peers.channel(address)
        self._tracks = ingest_pb2_grpc.TracksServiceStub(self._channel)

    async def close(self) -> None:
        """Hang up."""
        await self._channel.close()

    async def titles(self, track_ids: Collection[str], context: Context) -> dict[str, str]:
        """Return what the tracks are called, by their ids. They are for sentences alone: without an answer there is none."""
        permits = asyncio.Semaphore(AT_ONCE)

        async def ask(track_id: str) -> str:
            async with permits:
                return await self._title(track_id, context)

        found = await asyncio.gather(*(ask(track_id) for track_id in track_ids))
        return dict(zip(track_ids, found, strict=True))

    async def _title(self, track_id: str, context: Context) -> str:
        request = ingest_pb2.GetTrackRequest(track_id=track_id)
        try:
            track = await self._tracks.GetTrack(request, **peers.options(context))
        except grpc.aio.AioRpcError as failure:
            log.info("no title", extra={"facts": {"track_id": track_id, "code": failure.code().name}})
            return ""
        return track.title or track.original_filename
