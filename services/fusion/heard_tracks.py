"""What is known of the caller's tracks: what mir heard, under the titles that ingest has."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

import grpc

from chassis.errors import NotReady
from services.fusion.ingest_client import IngestClient
from services.fusion.mir_client import MirClient
from services.fusion.mixing.planning.material import Track

Context = grpc.aio.ServicerContext[Any, Any]


@dataclass(frozen=True)
class HeardTracks:
    """Asks both, with the caller's own token, so that they check the owner."""

    mir: MirClient
    ingest: IngestClient

    async def all_of(self, track_ids: Collection[str], context: Context) -> dict[str, Track]:
        """Return what is known of each track, by its id. Raises `NotReady` if one of them was not listened to yet."""
        known = await self.known(track_ids, context)
        for track_id in track_ids:
            if track_id not in known:
                raise NotReady(
                    "ANALYSIS_NOT_READY",
                    "Nobody has listened to one of the tracks yet: wait until its analysis is 'completed', or start one.",
                    track_id=track_id,
                )
        return known

    async def known(self, track_ids: Collection[str], context: Context) -> dict[str, Track]:
        """Return what is known of each track, by its id; those that nobody has listened to are left out."""
        heard = await self.mir.tracks(track_ids, context)
        titles = await self.ingest.titles(heard, context)
        return {track_id: replace(track, title=titles[track_id]) for track_id, track in heard.items()}
