"""What there is to say of a plan."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isclose, log2
from typing import Final

from services.fusion.mixing.planning import wording
from services.fusion.mixing.planning.contributions import KEY_MODES, Contribution
from services.fusion.mixing.planning.cost import STRETCH_LIMIT, TRANSPOSITION_LIMIT_CENTS
from services.fusion.mixing.planning.plan import Note, Plan, TrackPlan
from services.fusion.mixing.planning.roles import is_pitched
from services.fusion.mixing.planning.wish import MatchMode, Wish

__all__ = ["reasons", "warnings"]

_VERY_FAR: Final = (2 / 3, 4 / 3)  # Signalsmith Stretch sounds best for lengths of 0.75 to 1.5 times
_UNSURE: Final = 0.5  # confidence below which a finding is pointed at
_ON_THE_BEAT: Final = (0.5, 1.0, 2.0)


def reasons(wish: Wish, parts: Sequence[Contribution], plan: Plan) -> tuple[Note, ...]:
    """Why the plan is as it is."""
    return tuple(_reasons(wish, parts, plan))


def warnings(wish: Wish, parts: Sequence[Contribution], plan: Plan) -> tuple[Note, ...]:
    """What may be heard, and what could not be done."""
    notes = [wording.untransposable(stem.role) for stem in wish.stems if stem.semitones and not is_pitched(stem.role)]
    if wish.match.mode is not MatchMode.NONE:
        if plan.bpm is None:
            notes.append(wording.no_common_beat())
        for part in parts:
            notes += [*_of_tempo(part, plan, parts), *_of_key(part, plan, wish.match.mode)]
    if wish.match.mode is MatchMode.FULL and plan.leader is None and len(parts) > 1:
        notes.append(wording.no_sections())
    return tuple(note for place, note in enumerate(notes) if note not in notes[:place])


def _reasons(wish: Wish, parts: Sequence[Contribution], plan: Plan) -> Iterator[Note]:
    if plan.bpm is not None:
        own = next((one for one in zip(parts, plan.tracks, strict=True) if _keeps_its_tempo(one[1])), None)
        whose = (own[0].track, own[1].level or 1.0) if own else None
        yield wording.tempo_reason(plan.bpm, whose, asked=wish.match.target.bpm is not None)
    if plan.key is not None:
        yield wording.key_reason(plan.key, plan.tuning_cents or 0.0)
    for part in parts:
        track, its = part.track, plan.of(part.track.track_id)
        if its.level is not None:
            yield from [wording.level_reason(track, its.level)] if its.level != 1 else []
            yield wording.stretch_reason(track, its.ratio)
        if plan.key is not None and part.pitched is not None:
            yield wording.transposition_reason(track, its)
        if plan.leader == track.track_id:
            yield wording.leader_reason(track)


def _keeps_its_tempo(plan: TrackPlan) -> bool:
    return plan.level is not None and isclose(plan.ratio, 1, rel_tol=1e-6)


def _of_tempo(part: Contribution, plan: Plan, parts: Sequence[Contribution]) -> Iterator[Note]:
    track, its = part.track, plan.of(part.track.track_id)
    if plan.bpm is None:
        return
    if part.pulse is None or its.level is None:
        yield wording.no_beats(track)
        return
    if track.tempo_confidence < _UNSURE:
        yield wording.unsure_tempo(track)
    yield from _of_stretch(part, its)
    if part.pulse.beats_per_bar != plan.beats_per_bar:
        yield wording.other_metre(track, part.pulse.beats_per_bar, plan.beats_per_bar)
    if track.compound and not all(other.track.compound for other in parts if other.pulse):
        yield wording.other_feel(track)
    yield from (wording.off_the_beat(track, stem.speed) for stem in part.stems if stem.speed not in _ON_THE_BEAT)


def _of_stretch(part: Contribution, its: TrackPlan) -> Iterator[Note]:
    if abs(log2(its.ratio)) > log2(STRETCH_LIMIT) + 1e-9:
        very = not _VERY_FAR[0] <= its.ratio <= _VERY_FAR[1]
        yield wording.stretched_far(part.track, its.ratio, very=very)


def _of_key(part: Contribution, plan: Plan, mode: MatchMode) -> Iterator[Note]:
    if mode not in KEY_MODES or not any(is_pitched(stem.role) for stem in part.stems):
        return
    if part.pitched is None:
        yield wording.no_key(part.track)
        return
    if part.pitched.key.confidence < _UNSURE:
        yield wording.unsure_key(part.track)
    cents = plan.of(part.track.track_id).shift_cents
    if abs(cents) > TRANSPOSITION_LIMIT_CENTS + 1e-6:
        yield wording.transposed_far(part.track, cents)
