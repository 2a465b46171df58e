"""How well two tracks go together, and which of many go best with one.

    score = 1 / (1 + points)

Points are those of the least damage (see `cost`), divided by the weight of the lighter of the two tracks' voices, and further
ones: 1 for bars of different lengths, 1 for beats in three against beats in two, 1 where a tempo was not heard, 0.3 where a key
was not, the share of the singing for which the other track is too short, and the share of the other's singing that meets it. So 1
is a track with itself, 0.5 one whose voices lose what 8 % of stretch takes; more damage never scores higher. It is not
symmetric: whose vocals are sung over whose drums decides who is bent, who is transposed, and what has to be long enough.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from services.fusion.mixing.planning.arranging import arranged
from services.fusion.mixing.planning.contributions import Contribution, contributions
from services.fusion.mixing.planning.drafting import drafts
from services.fusion.mixing.planning.errors import PlanError
from services.fusion.mixing.planning.material import Track
from services.fusion.mixing.planning.noting import reasons, warnings
from services.fusion.mixing.planning.plan import Note, Plan
from services.fusion.mixing.planning.roles import is_pitched, stretch_weight
from services.fusion.mixing.planning.wish import Match, MatchMode, StemWish, Wish

__all__ = ["Compatibility", "compatibility", "rank", "score"]

_ROLES: Final = ("vocals", "drums", "bass", "other")  # of a track whose stems are not known
_RATE: Final = 44_100
_VOCALS: Final = "vocals"

_OTHER_BARS: Final = 1.0
_OTHER_FEEL: Final = 1.0
_NO_TEMPO: Final = 1.0
_NO_KEY: Final = 0.3
_NOTICED: Final = 0.05  # share of the singing from which on something is said about it


@dataclass(frozen=True)
class Compatibility:
    """How well the voices of a track go with those of another.

    Attributes:
        track_id, other_id: both tracks.
        score: 0 (not at all) to 1 (as one).
        plan: how they would be brought together; None: they can't be.
        reasons: what the score is made of.
    """

    track_id: str
    other_id: str
    score: float
    plan: Plan | None
    reasons: tuple[Note, ...]


def compatibility(track: Track, roles: Sequence[str], other: Track, other_roles: Sequence[str]) -> Compatibility:
    """How well these stems of a track go with those of another; each at least one."""
    tracks = {track.track_id: track, other.track_id: other}
    stems = [*_stems(track, roles), *(_stems(other, other_roles) if other.track_id != track.track_id else ())]
    wish = Wish(tuple(stems), Match(MatchMode.TEMPO_AND_KEY))
    parts = contributions(wish, tracks)
    try:
        plan = next(drafts(wish.match, parts, tracks))
    except PlanError as error:
        note = Note(error.code, error.message, error.params)
        return Compatibility(track.track_id, other.track_id, 0.0, None, (note,))
    extra = [*_of_findings(parts, plan), *_of_singing(wish, tracks, parts, plan)]
    notes = (
        *reasons(wish, parts, plan),
        *warnings(wish, parts, plan),
        *(note for _, note in extra if note is not None),
    )
    points = plan.cost.total / _lighter(parts) + sum(points for points, _ in extra)
    return Compatibility(track.track_id, other.track_id, score(points), plan, notes)


def rank(track: Track, role: str, candidates: Iterable[Track]) -> list[Compatibility]:
    """Which tracks' other stems go with this stem of a track, best first: "which of my tracks fit this vocal?"."""
    found = [
        compatibility(track, [role], candidate, _others(candidate, role))
        for candidate in candidates
        if candidate.track_id != track.track_id
    ]
    return sorted(found, key=lambda one: (-one.score, one.other_id))


def score(points: float) -> float:
    """From points (at least 0) to 0..1; falls strictly."""
    return 1 / (1 + points)


def _stems(track: Track, roles: Sequence[str]) -> list[StemWish]:
    return [
        StemWish(f"{track.track_id}/{role}", track.track_id, role, track.seconds, _RATE)
        for role in dict.fromkeys(roles)
    ]


def _others(track: Track, role: str) -> list[str]:
    """The stems of a track that accompany such a one: all others that are not silent."""
    roles = [name for name, facts in track.stems.items() if facts.active != ()] or list(_ROLES)
    return [name for name in roles if name != role] or [name for name in _ROLES if name != role]


def _lighter(parts: Sequence[Contribution]) -> float:
    return min(sum(stretch_weight(stem.role) for stem in part.stems) for part in parts)


_Extra = tuple[float, Note | None]
"""Points, and what to say of them if the plan doesn't."""


def _of_findings(parts: Sequence[Contribution], plan: Plan) -> Iterator[_Extra]:
    """Of metre and feel, and of what was not heard; the plan's warnings say so."""
    heard = [part for part in parts if part.pulse is not None]
    yield _OTHER_BARS * (len({part.pulse.beats_per_bar for part in heard if part.pulse}) > 1), None
    yield _OTHER_FEEL * (len({part.track.compound for part in heard}) > 1), None
    yield _NO_TEMPO * (len(parts) - len(heard)), None
    pitched = [part for part in parts if any(is_pitched(stem.role) for stem in part.stems)]
    if len(pitched) > 1:
        yield _NO_KEY * sum(part.pitched is None for part in pitched), None


def _of_singing(wish: Wish, tracks: Mapping[str, Track], parts: Sequence[Contribution], plan: Plan) -> Iterator[_Extra]:
    """Of singing that the other track is too short for, and of two who sing at once."""
    singers = [part for part in parts if any(stem.role == _VOCALS for stem in part.stems)]
    if len(parts) < 2 or not singers:
        return
    if len(singers) == 1:
        yield _of_room(singers[0], next(part for part in parts if part is not singers[0]), plan)
        return
    share = max((one.share for one in arranged(wish, tracks, plan)[1] if one.role == _VOCALS), default=0.0)
    sentence = f"Both sing at once for {share:.0%} of the second one's singing: let them take turns."
    yield share, Note("SINGING_MEETS", sentence, {"share": share}) if share > _NOTICED else None


def _of_room(singer: Contribution, other: Contribution, plan: Plan) -> _Extra:
    """The share of the singing for which there is no room."""
    active = singer.track.active(_VOCALS) or ()
    if not active:
        return 0.0, None
    needed = (active[-1].end - active[0].start) / plan.of(singer.track.track_id).ratio
    room = other.track.seconds / plan.of(other.track.track_id).ratio
    share = max(0.0, 1 - room / needed) if needed > 0 else 0.0
    sentence = f"{other.track.name} is too short for {share:.0%} of the singing: repeat some of its bars."
    return share, Note("TOO_SHORT", sentence, {"share": share}) if share > _NOTICED else None
