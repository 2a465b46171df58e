"""From what a client asks for to what is decided: the stems are looked up, the tracks are known, the fusion is planned."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import grpc
from puremusic.fusion.v1 import fusion_pb2 as pb
from puremusic.separation.v1 import separation_pb2

from chassis.errors import NotReady
from services.fusion import (
    deciding,
    faders,
    fusions,
    limits,
    messages,
    outputs,
    plan_messages,
    reach,
    receipt_messages,
    wishes,
)
from services.fusion.fusions import Order
from services.fusion.heard_tracks import HeardTracks
from services.fusion.limits import number
from services.fusion.mixing.arrangement import Arrangement
from services.fusion.mixing.planning.material import Track
from services.fusion.mixing.planning.wish import Arrange, MatchMode, Wish
from services.fusion.mixing.receipts import Receipt, SourceRecord, to_json
from services.fusion.mixing.rendering.tagging.tags import Tags
from services.fusion.separation_client import TYPES, SeparationClient
from services.fusion.store import Selection

Context = grpc.aio.ServicerContext[Any, Any]
Stems = Sequence[separation_pb2.Stem]


@dataclass(frozen=True)
class Ordering:
    """Takes orders, with the caller's own token: other services say what is theirs."""

    separation: SeparationClient
    tracks: HeardTracks

    async def order(self, owner_id: str, request: pb.CreateFusionRequest, context: Context) -> Order:
        """Return the fusion that is asked for, as it was decided."""
        stems = await self._stems(request, context)
        wish = wishes.to_wish(request, stems, request.output)
        tracks = await self._tracks(wish, context, needed=request.balance)
        gains = deciding.balance(wish, tracks) if request.balance else {}
        wish, choice = deciding.with_gains(wish, gains), round(number(request, "choice"))
        plan, arrangement = await asyncio.to_thread(deciding.decided, wish, tracks, choice)
        selections = tuple(map(selection, request.stems, stems))
        title = fusions.titled(request.title, selections)
        receipt = Receipt(
            arrangement,
            {stem.stem_id: described(stem) for stem in stems},
            deciding.heard(tracks),
            tags=Tags(title=title, bpm=plan.bpm, key=plan_messages.as_tag(plan.key)),
            window=_window(request, arrangement),
            cover=request.output.cover,
        )
        receipt = outputs.with_files(outputs.with_tags(receipt, request.output.tags), request.output.encodings)
        return Order(
            owner_id=owner_id,
            title=title,
            stems=selections,
            commission=to_json(receipt),
            asked=messages.to_document(_as_asked(request, stems)),
            plan=messages.to_document(plan_messages.to_plan(plan, choice, _sources(arrangement), gains)),
            parent_fusion_id=request.parent_fusion_id,
            preview=request.HasField("preview"),
        )

    async def again(self, owner_id: str, request: pb.CreateFusionFromReceiptRequest, context: Context) -> Order:
        """Return what a receipt says, of stems that are still the same."""
        receipt = receipt_messages.to_receipt(request.receipt)
        reach.check(receipt.arrangement)
        stems = await self.separation.by_id(list(receipt.sources), context)
        for stem_id, source in receipt.sources.items():
            _check_unchanged(stems[stem_id], source)
        selections = _heard_in(receipt, stems)
        title = fusions.titled(request.title or receipt.tags.title, selections)
        receipt = replace(
            outputs.with_files(receipt, request.encodings),
            sources={stem_id: described(stem) for stem_id, stem in stems.items()},
            tags=replace(receipt.tags, title=title),
            versions={},
            result=None,
        )
        asked = pb.CreateFusionRequest(output=pb.Output(encodings=request.encodings), preview=_previewed(receipt))
        return Order(
            owner_id=owner_id,
            title=title,
            stems=selections,
            commission=to_json(receipt),
            asked=messages.to_document(asked),
            preview=receipt.window is not None,
        )

    async def suggestions(self, request: pb.SuggestFusionRequest, context: Context) -> list[pb.Plan]:
        """Return the best plans for what is asked for."""
        stems = await self._stems(request, context)
        wish = wishes.to_wish(request, stems, pb.Output())
        tracks = await self._tracks(wish, context)
        plans = await asyncio.to_thread(deciding.suggested, wish, tracks, round(number(request, "count")))
        _, best = await asyncio.to_thread(deciding.decided, wish, tracks, 1)
        return [plan_messages.to_plan(plan, rank, _sources(best)) for rank, plan in enumerate(plans, 1)]

    async def _stems(self, request: pb.CreateFusionRequest | pb.SuggestFusionRequest, context: Context) -> Stems:
        faders.check([stem.gain_db for stem in request.stems], [stem.pan for stem in request.stems])
        limits.check(request)
        stems = await self.separation.select(request.stems, context)
        faders.check_distinct([stem.stem_id for stem in stems])
        return stems

    async def _tracks(self, wish: Wish, context: Context, *, needed: bool = False) -> dict[str, Track]:
        """What planning must know of the tracks, and what helps it to arrange them."""
        unheard = deciding.unheard(wish)
        if needed or wish.match.mode is not MatchMode.NONE:
            return await self.tracks.all_of(unheard, context)
        if wish.match.arrange is Arrange.AUTOMATIC:
            return {**unheard, **await self.tracks.known(unheard, context)}
        return unheard


def selection(chosen: pb.SelectedStem, stem: separation_pb2.Stem) -> Selection:
    """Return the snapshot of a stem, with its fader."""
    return Selection(
        stem_id=stem.stem_id,
        track_id=stem.track_id,
        type=TYPES[stem.type],
        object_key=stem.object_key,
        scale_bits=stem.scale_bits,
        gain_db=chosen.gain_db,
        pan=chosen.pan,
        mute=chosen.mute,
    )


def described(stem: separation_pb2.Stem) -> SourceRecord:
    """Return what a receipt says of a stem."""
    return SourceRecord(stem.track_id, TYPES[stem.type], stem.sha256, stem.model, stem.scale_bits)


def _check_unchanged(stem: separation_pb2.Stem, source: SourceRecord) -> None:
    if source.sha256 not in ("", stem.sha256):
        raise NotReady(
            "STEM_CHANGED",
            f"The {source.stem_type} stem is not what it was when the receipt was written. Choose stems and fuse them anew.",
            stem_id=stem.stem_id,
        )


def _heard_in(receipt: Receipt, stems: Mapping[str, separation_pb2.Stem]) -> tuple[Selection, ...]:
    """The stems of a receipt with the faders of their voices."""
    faders = {
        voice.source: pb.SelectedStem(gain_db=voice.gain_db, pan=voice.pan, mute=voice.muted)
        for voice in receipt.arrangement.voices
    }
    unheard = [stem_id for stem_id in stems if stem_id not in faders]
    return tuple(
        selection(faders.get(stem_id, pb.SelectedStem(mute=True)), stems[stem_id]) for stem_id in [*faders, *unheard]
    )


def _window(request: pb.CreateFusionRequest, arrangement: Arrangement) -> tuple[int, int] | None:
    if not request.HasField("preview"):
        return None
    preview = request.preview
    return deciding.window(arrangement, preview.start_seconds, number(preview, "duration_seconds"))


def _previewed(receipt: Receipt) -> pb.Preview | None:
    if receipt.window is None:
        return None
    start, end = (frame / receipt.arrangement.sample_rate for frame in receipt.window)
    return pb.Preview(start_seconds=start, duration_seconds=end - start)


def _as_asked(request: pb.CreateFusionRequest, stems: Stems) -> pb.CreateFusionRequest:
    """The settings alone, with every stem fully named."""
    asked = pb.CreateFusionRequest()
    asked.CopyFrom(request)
    for name in ("title", "parent_fusion_id", "idempotency_key"):
        asked.ClearField(name)
    for chosen, stem in zip(asked.stems, stems, strict=True):
        chosen.stem_id, chosen.track_id, chosen.type = stem.stem_id, stem.track_id, TYPES[stem.type]
    return asked


def _sources(arrangement: Arrangement) -> dict[str, str]:
    """Ids of stems by the names of their voices, which no plan changes."""
    return {voice.name: voice.source for voice in arrangement.voices}
