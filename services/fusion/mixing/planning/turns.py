"""Who gives way where two voices of one role play at once.

- Two drummers: the less important one loses its kick (a low cut at 150 Hz) and 6 dB, throughout.
- Two singers or two basses that meet in less than half of what the less important one plays: it is ducked, a singer by 9 dB, a
  bass by 15 dB, for as long as the phrases last that meet.
- More than that: they take turns, by the sections of the more important one's track (else every 8 bars, or 16 seconds). A phrase
  belongs to the turn in which its middle lies; one that is not in its own turn is silent where it meets one that is.

Phrases are what lies between pauses of a second; only those longer than 15 s are cut, at the turns. So nobody is cut off in the
middle of a line if there is a pause to do it in.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from services.fusion.mixing.arrangement import Arrangement, Voice
from services.fusion.mixing.planning.collisions import heard, joined, overlap
from services.fusion.mixing.planning.material import Span, Track
from services.fusion.mixing.planning.plan import Collision
from services.fusion.mixing.planning.wish import StemWish

__all__ = ["DUCKING_DB", "Quiet", "gain_curve", "settle"]

DUCKING_DB: Final = {"vocals": -9.0, "bass": -15.0, "drums": -6.0}
"""How much quieter a voice is that gives way."""

_SILENT_DB: Final = -60.0
_LOW_CUT_HZ: Final = 150.0
_PAUSE: Final = 1.0  # seconds; shorter ones lie within a phrase
_LONG: Final = 15.0  # seconds; nobody sings a line that long
_OFTEN: Final = 0.5  # of what the less important voice plays; from there on ducking would leave little of it
_TURN_BARS: Final = 8
_TURN_SECONDS: Final = 16.0
_RAMP: Final = 0.1  # seconds before and after a quiet span


@dataclass(frozen=True)
class Quiet:
    """A voice is at this level for a span of the song."""

    span: Span
    gain_db: float


@dataclass(frozen=True)
class _Player:
    """A voice, its track, and when it is heard."""

    voice: Voice
    track: Track
    phrases: tuple[Span, ...]


def settle(
    song: Arrangement, stems: Sequence[StemWish], tracks: Mapping[str, Track], found: Sequence[Collision]
) -> tuple[Arrangement, tuple[Collision, ...]]:
    """The song with its collisions remedied, and the collisions, each with its remedy."""
    players = {
        voice.name: _player(voice, tracks[stem.track_id], stem.role, song.sample_rate)
        for stem, voice in zip(stems, song.voices, strict=True)
    }
    quiet: dict[str, list[Quiet]] = {name: [] for name in players}
    settled = tuple(_settled(collision, players, quiet, song) for collision in found)
    weakened = {collision.other for collision in settled if collision.remedy == "low_cut"}
    voices = tuple(_quieted(voice, quiet[voice.name], voice.name in weakened, song) for voice in song.voices)
    return replace(song, voices=voices), settled


def gain_curve(quiet: Sequence[Quiet], rate: int) -> tuple[tuple[int, float], ...]:
    """Quiet spans as (frame, dB), ascending, with ramps outside of them; where spans overlap, the lower level holds."""
    bounds = sorted({at for one in quiet for at in (one.span.start, one.span.end)})
    points: list[tuple[int, float]] = []
    for start, end in pairwise(bounds):
        levels = [one.gain_db for one in quiet if one.span.start <= start and end <= one.span.end]
        if levels:
            _add(points, start, end, min(levels), rate)
    if points:
        points.append((points[-1][0] + round(_RAMP * rate), 0.0))
    return tuple(points)


def _add(points: list[tuple[int, float]], start: float, end: float, level: float, rate: int) -> None:
    """A level that follows what is there, over a ramp before it, and back to 0 dB in between if there is room."""
    first, last, ramp = round(start * rate), round(end * rate), round(_RAMP * rate)
    if not points and first >= ramp:
        points.append((first - ramp, 0.0))
    elif points and first - points[-1][0] > 2 * ramp:
        points += [(points[-1][0] + ramp, 0.0), (first - ramp, 0.0)]
    begin = max(first, points[-1][0] + ramp) if points else 0
    points += [(begin, level), (max(last, begin + 1), level)]


def _player(voice: Voice, track: Track, role: str, rate: int) -> _Player:
    return _Player(voice, track, tuple(joined(heard(voice, track.active(role), rate), _PAUSE)))


def _settled(
    collision: Collision, players: Mapping[str, _Player], quiet: Mapping[str, list[Quiet]], song: Arrangement
) -> Collision:
    first, second = players[collision.voice], players[collision.other]
    if collision.role == "drums":
        return replace(collision, remedy="low_cut")
    if collision.share < _OFTEN:
        level = DUCKING_DB[collision.role]
        quiet[collision.other].extend(Quiet(one, level) for one in second.phrases if overlap([one], collision.spans))
        return replace(collision, remedy="ducked")
    turns = _turns(first, song)
    kept, late = _dealt(first, turns, 0)
    own, early = _dealt(second, turns, 1)
    quiet[collision.voice].extend(Quiet(one, _SILENT_DB) for one in late if overlap([one], own))
    quiet[collision.other].extend(Quiet(one, _SILENT_DB) for one in early if overlap([one], kept))
    return replace(collision, remedy="turns")


def _dealt(player: _Player, turns: Sequence[float], which: int) -> tuple[list[Span], list[Span]]:
    """A player's phrases: those in its own turns (every other, from the `which`-th on), and the rest."""
    own: list[Span] = []
    rest: list[Span] = []
    for phrase in _cut(player.phrases, turns):
        turn = bisect_right(turns, (phrase.start + phrase.end) / 2) - 1
        (own if max(turn, 0) % 2 == which else rest).append(phrase)
    return own, rest


def _cut(phrases: Sequence[Span], turns: Sequence[float]) -> Iterator[Span]:
    for phrase in phrases:
        if phrase.end - phrase.start <= _LONG:
            yield phrase
            continue
        inner = (turn for turn in turns if phrase.start < turn < phrase.end)
        yield from (Span(start, end) for start, end in pairwise([phrase.start, *inner, phrase.end]))


def _turns(player: _Player, song: Arrangement) -> list[float]:
    """When turns begin, seconds of the song, the first one with the player's first phrase at the latest."""
    starts = [section.span.start for section in player.track.sections]
    spans = [Span(start, end) for start, end in pairwise([*starts, player.track.seconds]) if end > start]
    turns = sorted({span.start for one in spans for span in heard(player.voice, [one], song.sample_rate)})
    if len(turns) > 1:
        return turns
    length = _TURN_BARS * song.grid.beats_per_bar * 60 / song.grid.bpm if song.grid else _TURN_SECONDS
    begin = player.phrases[0].start if player.phrases else 0.0
    return [begin + turn * length for turn in range(int(song.frames / song.sample_rate / length) + 1)]


def _quieted(voice: Voice, quiet: Sequence[Quiet], weakened: bool, song: Arrangement) -> Voice:
    if weakened:
        cut = max(_LOW_CUT_HZ, voice.effects.low_cut_hz or 0.0)
        return replace(voice, effects=replace(voice.effects, low_cut_hz=cut), gain_curve=((0, DUCKING_DB["drums"]),))
    return replace(voice, gain_curve=gain_curve(quiet, song.sample_rate)) if quiet else voice
