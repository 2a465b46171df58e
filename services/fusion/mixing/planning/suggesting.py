"""The best few plans for a wish."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from services.fusion.mixing.planning.arranging import arranged
from services.fusion.mixing.planning.checking import check
from services.fusion.mixing.planning.contributions import Contribution, contributions
from services.fusion.mixing.planning.drafting import drafts
from services.fusion.mixing.planning.errors import PlanError
from services.fusion.mixing.planning.material import Track
from services.fusion.mixing.planning.noting import reasons, warnings
from services.fusion.mixing.planning.plan import Plan
from services.fusion.mixing.planning.wish import MatchMode, Wish

__all__ = ["suggest"]


def suggest(wish: Wish, tracks: Mapping[str, Track], count: int = 5) -> list[Plan]:
    """The plans that cost least, best first, at least one and at most `count`: other tempi, other keys.

    `tracks` holds what is known of the wish's tracks; one that is missing is taken for one in which nothing was heard.

    Raises:
        PlanError: if there is none; see `check`, `drafts` and `arrange`.
    """
    check(wish, tracks)
    parts = contributions(wish, tracks)
    plans: list[Plan] = []
    refusals: list[PlanError] = []
    for draft in drafts(wish.match, parts, tracks):
        try:
            plans.append(_finished(draft, wish, tracks, parts))
        except PlanError as error:
            refusals.append(error)
        if len(plans) >= max(1, count) or len(refusals) > count:
            break
    if not plans:
        raise refusals[0]
    return plans


def _finished(draft: Plan, wish: Wish, tracks: Mapping[str, Track], parts: Sequence[Contribution]) -> Plan:
    """With its leader, notes and collisions."""
    plan = replace(draft, leader=_leader(wish, parts, draft))
    collisions = arranged(wish, tracks, plan)[1]
    return replace(
        plan, warnings=warnings(wish, parts, plan), reasons=reasons(wish, parts, plan), collisions=collisions
    )


def _leader(wish: Wish, parts: Sequence[Contribution], plan: Plan) -> str | None:
    """Whose sections the song follows: the first track whose vocals were chosen, else the first; both with sections and beats."""
    if wish.match.mode is not MatchMode.FULL or plan.bpm is None:
        return None
    formed = [part for part in parts if part.pulse is not None and part.track.sections]
    if len(formed) < 2:
        return None
    singing = [part for part in formed if any(stem.role == "vocals" for stem in part.stems)]
    return (singing or formed)[0].track.track_id
