"""Separation as fusion sees it: which stems are these, and where do they lie?"""

from collections.abc import Sequence
from typing import Any

import grpc
from puremusic.fusion.v1 import fusion_pb2
from puremusic.separation.v1 import separation_pb2, separation_pb2_grpc

from chassis import peers
from chassis.errors import InvalidInput, NotFound, NotReady

Context = grpc.aio.ServicerContext[Any, Any]

RESIDUAL = "residual"
TYPES = {
    separation_pb2.STEM_TYPE_VOCALS: "vocals",
    separation_pb2.STEM_TYPE_DRUMS: "drums",
    separation_pb2.STEM_TYPE_BASS: "bass",
    separation_pb2.STEM_TYPE_OTHER: "other",
    separation_pb2.STEM_TYPE_GUITAR: "guitar",
    separation_pb2.STEM_TYPE_PIANO: "piano",
    separation_pb2.STEM_TYPE_RESIDUAL: RESIDUAL,
}
PAGE = 200
COMPLETED = separation_pb2.SEPARATION_STATUS_COMPLETED
UNDER_WAY = (separation_pb2.SEPARATION_STATUS_PENDING, separation_pb2.SEPARATION_STATUS_SEPARATING)


class SeparationClient:
    """Asks separation with the caller's own token, so that separation checks the owner."""

    def __init__(self, address: str) -> None:
        self._channel = peers.channel(address)
        self._separations = separation_pb2_grpc.SeparationsServiceStub(self._channel)

    async def close(self) -> None:
        """Hang up."""
        await self._channel.close()

    async def select(
        self, chosen: Sequence[fusion_pb2.SelectedStem], context: Context
    ) -> tuple[separation_pb2.Stem, ...]:
        """Return the chosen stems, in their order. Raises `InvalidInput`, `NotFound` or `NotReady`."""
        if any(not stem.stem_id and not (stem.track_id and stem.type) for stem in chosen):
            raise InvalidInput("STEM_NOT_NAMED", "Name each stem by its stem_id, or by its track_id and type.")
        if any(not stem.stem_id and stem.type == RESIDUAL for stem in chosen):
            raise InvalidInput("STEM_NOT_NAMED", "A track has a residual per separation: name it by its stem_id.")
        by_id = await self.by_id([stem.stem_id for stem in chosen if stem.stem_id], context)
        by_track = {
            track_id: await self._of_track(track_id, context)
            for track_id in {stem.track_id for stem in chosen if not stem.stem_id}
        }
        return tuple(
            by_id[stem.stem_id] if stem.stem_id else _of_type(by_track[stem.track_id], stem) for stem in chosen
        )

    async def separated_tracks(self, context: Context) -> list[str]:
        """Return the ids of all of the caller's tracks that were taken apart, the last one first."""
        found, token = [], ""
        while True:
            request = separation_pb2.ListSeparationsRequest(page_size=PAGE, page_token=token)
            answer = await self._separations.ListSeparations(request, **peers.options(context))
            found += [each.track_id for each in answer.separations if each.status == COMPLETED]
            token = answer.next_page_token
            if not token:
                return list(dict.fromkeys(found))

    async def by_id(self, stem_ids: Sequence[str], context: Context) -> dict[str, separation_pb2.Stem]:
        """Return the caller's stems by their ids. Raises `NotFound` if one is missing or somebody else's."""
        if not stem_ids:
            return {}
        request = separation_pb2.BatchGetStemsRequest(stem_ids=stem_ids)
        answer = await self._separations.BatchGetStems(request, **peers.options(context))
        return {stem.stem_id: stem for stem in answer.stems}

    async def _of_track(self, track_id: str, context: Context) -> list[separation_pb2.Stem]:
        request = separation_pb2.ListStemsRequest(track_id=track_id)
        stems = (await self._separations.ListStems(request, **peers.options(context))).stems
        if not stems:
            await self._explain_absence(track_id, context)
        return list(stems)

    async def _explain_absence(self, track_id: str, context: Context) -> None:
        """Raise why a track has no stems: they are being made, or there is no such track."""
        request = separation_pb2.ListSeparationsRequest(track_id=track_id, page_size=10)
        answer = await self._separations.ListSeparations(request, **peers.options(context))
        if any(separation.status in UNDER_WAY for separation in answer.separations):
            raise NotReady(
                "STEM_NOT_READY", "The track is still being separated: wait until it is 'completed'.", track_id=track_id
            )
        raise NotFound(
            "STEM_NOT_FOUND", "The track has no stems, or it is not yours. Separate it first.", track_id=track_id
        )


def _of_type(stems: Sequence[separation_pb2.Stem], chosen: fusion_pb2.SelectedStem) -> separation_pb2.Stem:
    for stem in stems:
        if TYPES[stem.type] == chosen.type:
            return stem
    present = ", ".join(TYPES[stem.type] for stem in stems)
    raise NotFound(
        "STEM_NOT_FOUND",
        f"The track has no stem '{chosen.type}'; it has {present}.",
        track_id=chosen.track_id,
        type=chosen.type,
    )
