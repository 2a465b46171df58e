"""Where in the song each stem is heard.

Times are seconds of the song from its beat 0, or, where nothing is matched, from where all tracks begin. A track comes in with
its first downbeat on beat 0; if all its chosen stems are trimmed, with the first bar that is left of it. Stems of one track keep
together. The song itself begins with the first sound of any stem, be it a pick-up before beat 0: see `first_sound`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from services.fusion.mixing.planning.beat_maps import BeatMap, along_beats, unbent
from services.fusion.mixing.planning.clips import Clip, Lane
from services.fusion.mixing.planning.forms import Form, follow, form_of
from services.fusion.mixing.planning.material import Span, Track
from services.fusion.mixing.planning.plan import Plan
from services.fusion.mixing.planning.pulse import Pulse, pulse_of
from services.fusion.mixing.planning.wish import StemWish, Wish

__all__ = ["first_sound", "lay_out"]

_LEAD: Final = 0.05  # seconds before a sound was heard to begin in which it may have begun
_WHOLE: Final = 0.05  # of a beat by which a repeat may miss a whole number of beats and still be meant to last as many


@dataclass(frozen=True)
class _Ground:
    """A track in the song's time; `beat` seconds of a common beat and `pulse` only where its tempo is matched."""

    map: BeatMap
    pulse: Pulse | None = None
    beat: float | None = None

    def to_beat(self, seconds: float) -> float:
        """The nearest common beat; where there is none, as it is."""
        return seconds if self.beat is None else round(seconds / self.beat) * self.beat

    def window(self, stem: StemWish) -> Span:
        """What of a stem is heard, seconds of the track: whole bars, if it is trimmed or repeated."""
        trim = stem.trim or Span(0.0, stem.seconds)
        start, end = max(0.0, trim.start), min(stem.seconds, trim.end)
        if self.pulse is None or (stem.trim is None and stem.loops == 1):
            return Span(start, end)
        first, last = self.pulse.nearest_downbeat(start), self.pulse.nearest_downbeat(end)
        if last <= first:
            last = next((one for one in self.pulse.downbeats if one > first), end)
        return Span(first, last) if last > first else Span(start, end)


def lay_out(wish: Wish, tracks: Mapping[str, Track], plan: Plan) -> list[Lane]:
    """The lanes of all stems, in the wish's order."""
    grounds = {one.track_id: _ground(tracks[one.track_id], plan, _of(wish, one.track_id)) for one in plan.tracks}
    forms = _forms(tracks, grounds) if plan.leader is not None else {}
    return [_lane(stem, grounds[stem.track_id], _followed(stem, plan, forms, grounds)) for stem in wish.stems]


def first_sound(lane: Lane, active: Sequence[Span] | None) -> float | None:
    """The second of the song at which a stem is heard first, given when it plays; None: it is silent."""
    if active is None:
        return lane.start
    for clip in lane.clips:
        for span in active:
            if span.end > clip.start and span.start < clip.end:
                heard = max(clip.start, span.start - _LEAD)
                return clip.at + lane.map.song(heard) - lane.map.song(clip.start)
    return None


def _of(wish: Wish, track_id: str) -> list[StemWish]:
    return [stem for stem in wish.stems if stem.track_id == track_id]


def _ground(track: Track, plan: Plan, stems: Sequence[StemWish]) -> _Ground:
    level, pulse = plan.of(track.track_id).level, pulse_of(track)
    if plan.bpm is None or level is None or pulse is None:
        ground = _Ground(unbent())
    else:
        ground = _Ground(along_beats(pulse, level, plan.bpm, track.seconds), pulse, 60 / plan.bpm)
    if any(stem.trim is None for stem in stems):
        return ground
    begin = ground.map.song(min(ground.window(stem).start for stem in stems))
    return _Ground(ground.map.later(-ground.to_beat(begin)), ground.pulse, ground.beat)


def _forms(tracks: Mapping[str, Track], grounds: Mapping[str, _Ground]) -> dict[str, Form]:
    forms = {}
    for track_id, ground in grounds.items():
        if ground.pulse is not None and ground.beat is not None:
            form = form_of(tracks[track_id], ground.pulse, ground.map, ground.beat)
            if form is not None:
                forms[track_id] = form
    return forms


def _followed(
    stem: StemWish, plan: Plan, forms: Mapping[str, Form], grounds: Mapping[str, _Ground]
) -> tuple[Clip, ...]:
    """The clips of a stem that follows the leader's form; none if it does not: what is trimmed or moved goes its own way."""
    leads, follower, beat = forms.get(plan.leader or ""), forms.get(stem.track_id), grounds[stem.track_id].beat
    own_way = stem.trim is not None or stem.loops != 1 or stem.start_seconds != 0 or stem.speed != 1
    if leads is None or follower is None or beat is None or own_way or stem.track_id == plan.leader:
        return ()
    return follow(leads, follower, beat)


def _lane(stem: StemWish, ground: _Ground, followed: tuple[Clip, ...]) -> Lane:
    map_ = ground.map.faster(stem.speed)
    if followed:
        return Lane(stem, map_, followed)
    window = ground.window(stem)
    at = map_.song(window.start) + ground.to_beat(stem.start_seconds)
    period = _period(map_.song(window.end) - map_.song(window.start), ground.beat)
    clips = tuple(Clip(window.start, window.end, at + turn * period) for turn in range(max(1, stem.loops)))
    return Lane(stem, map_, clips, None if stem.loops else period)


def _period(seconds: float, beat: float | None) -> float:
    """After how many seconds a repeat begins: whole beats if it lasts about as many, so that repeats don't creep."""
    if beat is None or abs(seconds / beat - round(seconds / beat)) > _WHOLE or round(seconds / beat) < 1:
        return seconds
    return round(seconds / beat) * beat
