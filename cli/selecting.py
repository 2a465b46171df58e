"""From what a person calls stems to what the API calls them."""

from collections.abc import Sequence

from puremusic.fusion.v1 import fusion_pb2
from puremusic.gateway.v1 import gateway_pb2

from cli.client import Api, NotFound, methods
from cli.lookup import track_ids
from cli.stem_expressions import ACAPPELLA, ALL, INSTRUMENTAL, Choice
from cli.wishes import stem_of

__all__ = ["selected"]

_VOCALS = "vocals"


async def selected(api: Api, choices: Sequence[Choice]) -> list[fusion_pb2.SelectedStem]:
    """Return the choices as the API takes them."""
    ids = await track_ids(api, [choice.track for choice in choices])
    found: list[fusion_pb2.SelectedStem] = []
    for identity, choice in zip(ids, choices, strict=True):
        for stem in await _named(api, identity, choice.type):
            stem.MergeFrom(stem_of(choice))
            found.append(stem)
    return found


async def _named(api: Api, track: str, kind: str) -> list[fusion_pb2.SelectedStem]:
    if kind == ACAPPELLA:
        return [fusion_pb2.SelectedStem(track_id=track, type=_VOCALS)]
    if kind not in (ALL, INSTRUMENTAL):
        return [fusion_pb2.SelectedStem(track_id=track, type=kind)]
    card = await api.call(methods.GET_CARD, gateway_pb2.GetCardRequest(track_id=track))
    if not card.stems:
        raise NotFound("STEM_NOT_FOUND", f"'{card.title}' has no stems yet: separate it first.", code="NOT_FOUND")
    wanted = [stem for stem in card.stems if kind == ALL or stem.type != _VOCALS]
    return [fusion_pb2.SelectedStem(stem_id=stem.stem_id) for stem in wanted]
