"""Which tracks go together: what a client asks, answered by planning."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import grpc
from puremusic.fusion.v1 import fusion_pb2 as pb

from chassis.errors import InvalidInput
from services.fusion.heard_tracks import HeardTracks
from services.fusion.mixing import planning
from services.fusion.mixing.planning.material import Track
from services.fusion.plan_messages import to_compatibility
from services.fusion.separation_client import TYPES, SeparationClient

Context = grpc.aio.ServicerContext[Any, Any]

USUAL_ROLE = "vocals"
USUAL_ROLES = (USUAL_ROLE, "drums", "bass", "other")
MAX_CANDIDATES = 200
ROLES = tuple(TYPES.values())


@dataclass(frozen=True)
class Pairing:
    """Compares tracks, with the caller's own token: other services say what is theirs."""

    separation: SeparationClient
    tracks: HeardTracks

    async def compatibility(self, request: pb.GetCompatibilityRequest, context: Context) -> pb.Compatibility:
        """Return how well the stems of one track go over those of another."""
        roles = _known(request.roles) or [USUAL_ROLE]
        others = _known(request.other_roles)
        tracks = await self.tracks.all_of((request.track_id, request.other_track_id), context)
        track, other = tracks[request.track_id], tracks[request.other_track_id]
        others = others or _rest(other, roles)
        return to_compatibility(await asyncio.to_thread(planning.compatibility, track, roles, other, others))

    async def ranking(self, request: pb.RankTracksRequest, context: Context) -> list[pb.Compatibility]:
        """Return how well a stem fits each candidate that somebody has listened to, best first."""
        role = (_known([request.role]) if request.role else [USUAL_ROLE])[0]
        candidates = await self._candidates(request, context)
        track = (await self.tracks.all_of([request.track_id], context))[request.track_id]
        known = await self.tracks.known(candidates, context)
        ranked = await asyncio.to_thread(planning.rank, track, role, list(known.values()))
        return list(map(to_compatibility, ranked))

    async def _candidates(self, request: pb.RankTracksRequest, context: Context) -> Sequence[str]:
        asked = list(request.candidate_track_ids)
        if len(asked) > MAX_CANDIDATES:
            raise InvalidInput(
                "TOO_MANY_CANDIDATES", f"Name at most {MAX_CANDIDATES} tracks.", limit=MAX_CANDIDATES, used=len(asked)
            )
        found = asked or await self.separation.separated_tracks(context)
        return [track_id for track_id in found if track_id != request.track_id]


def _known(roles: Sequence[str]) -> list[str]:
    for role in roles:
        if role not in ROLES:
            raise InvalidInput("ROLE_UNKNOWN", f"'{role}' is none of {', '.join(ROLES)}.", role=role)
    return list(roles)


def _rest(track: Track, roles: Sequence[str]) -> list[str]:
    """All stems of a track that are heard but for these roles; of one whose stems nobody has listened to, the usual ones."""
    heard = [role for role, facts in track.stems.items() if facts.active != ()] or USUAL_ROLES
    return [role for role in heard if role not in roles] or [role for role in USUAL_ROLES if role not in roles]
