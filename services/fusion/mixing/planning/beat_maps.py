"""Beat maps: which second of a track is heard at which second of the song, so that its beats fall on the common ones.

A map passes within 3 ms of every beat with as few anchors as that takes (U. Ramer 1972; D. Douglas and T. Peucker 1973). Where
the beats of a whole track stray from equal distances by a few milliseconds only, that is noise of hearing or of playing: then the
map is one straight line. Before the first beat and after the last one time runs at the mean speed.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter
from statistics import median
from typing import Final

from services.fusion.mixing.planning.pulse import Pulse

__all__ = ["BeatMap", "Point", "along_beats", "unbent"]

Point = tuple[float, float]
"""A second of the song, and the second of the track that is heard then."""

_TOLERANCE: Final = 0.003  # seconds of the song by which a map misses a beat at most
_STEADY: Final = (
    0.008  # seconds of the track by which the beats of a steady one stray from their line, single ones aside
)
_UNNOTICED: Final = 0.005  # seconds that a track may drift from the grid by its end before it is stretched at all
_ROUNDING: Final = 1e-9
_BEYOND: Final = 4 * 3600.0  # seconds of a track that a map reaches to either side of it


@dataclass(frozen=True)
class BeatMap:
    """A strictly rising, piecewise linear map between seconds of the song and of a track; it goes on beyond its ends.

    `anchors` are at least two, ascending in both.
    """

    anchors: tuple[Point, ...]

    def track(self, song: float) -> float:
        """The second of the track that is heard at a second of the song."""
        return _at(self.anchors, song, 0)

    def song(self, track: float) -> float:
        """The second of the song at which a second of the track is heard."""
        return _at(self.anchors, track, 1)

    def between(self, start: float, end: float) -> tuple[Point, ...]:
        """The anchors strictly between two seconds of the track."""
        track = itemgetter(1)
        return self.anchors[bisect_right(self.anchors, start, key=track) : bisect_left(self.anchors, end, key=track)]

    def later(self, seconds: float) -> BeatMap:
        """The same, so many seconds of the song later."""
        return BeatMap(tuple((song + seconds, track) for song, track in self.anchors))

    def faster(self, speed: float) -> BeatMap:
        """The same, played `speed` times as fast from the song's second 0 on."""
        return self if speed == 1 else BeatMap(tuple((song / speed, track) for song, track in self.anchors))

    @property
    def is_unbent(self) -> bool:
        """Whether every second of the track takes a second of the song."""
        (song, track), (later_song, later_track) = self.anchors[0], self.anchors[-1]
        return len(self.anchors) == 2 and abs((later_track - track) - (later_song - song)) < _ROUNDING


def unbent(offset: float = 0.0) -> BeatMap:
    """A track as it is: its second 0 is heard at this second of the song."""
    return BeatMap(((offset, 0.0), (offset + 1.0, 1.0)))


def along_beats(pulse: Pulse, level: float, bpm: float, seconds: float) -> BeatMap:
    """The map of a track of this length that brings its beats, counted `level` times as fast, to a tempo.

    Its first downbeat falls on the song's second 0, the following ones on every `level * beats_per_bar`-th beat.
    """
    beat = level * 60 / bpm
    if _is_steady(pulse):
        first = pulse.origin + pulse.first_downbeat * pulse.period
        return _line(first, pulse.period / beat, seconds)
    points = [
        ((number - pulse.first_downbeat) * beat, at) for number, at in zip(pulse.numbers, pulse.seconds, strict=True)
    ]
    return BeatMap(_extended(_simplified(points), pulse.period / beat))


def _line(first: float, speed: float, seconds: float) -> BeatMap:
    if abs(speed - 1) * seconds <= _UNNOTICED:
        return unbent(-first)
    return BeatMap(((-_BEYOND / speed, first - _BEYOND), (_BEYOND / speed, first + _BEYOND)))


def _is_steady(pulse: Pulse) -> bool:
    strays = [
        at - (pulse.origin + pulse.period * number) for number, at in zip(pulse.numbers, pulse.seconds, strict=True)
    ]
    smoothed = (median(strays[_threes(index, len(strays))]) for index in range(len(strays)))
    return all(abs(stray) <= _STEADY for stray in smoothed)


def _threes(index: int, count: int) -> slice:
    """An element and its neighbours; at the ends the first and the last three."""
    start = min(max(index - 1, 0), count - 3)
    return slice(start, start + 3)


def _simplified(points: Sequence[Point]) -> list[Point]:
    """As few of the points as it takes to pass within the tolerance of all."""
    kept, open_ = {0, len(points) - 1}, [(0, len(points) - 1)]
    while open_:
        first, last = open_.pop()
        worst, miss = _worst(points, first, last)
        if miss > _TOLERANCE:
            kept.add(worst)
            open_ += [(first, worst), (worst, last)]
    return [points[index] for index in sorted(kept)]


def _worst(points: Sequence[Point], first: int, last: int) -> tuple[int, float]:
    """Between two points the one that their line misses most, and by how many seconds of the song."""
    (song, track), (end, track_end) = points[first], points[last]
    slope = (end - song) / (track_end - track)
    misses = ((abs(song + (at - track) * slope - due), index) for index, (due, at) in _inner(points, first, last))
    miss, worst = max(misses, default=(0.0, first))
    return worst, miss


def _inner(points: Sequence[Point], first: int, last: int) -> list[tuple[int, Point]]:
    return [(index, points[index]) for index in range(first + 1, last)]


def _extended(points: Sequence[Point], speed: float) -> tuple[Point, ...]:
    """The points, and one far beyond either end, reached at the mean speed."""
    (song, track), (end, track_end) = points[0], points[-1]
    return (
        (song - _BEYOND / speed, track - _BEYOND),
        *points,
        (end + _BEYOND / speed, track_end + _BEYOND),
    )


def _at(anchors: Sequence[Point], at: float, side: int) -> float:
    """The other side's second where one side (0: song, 1: track) has `at`: linear between anchors and beyond the outer ones."""
    place = min(max(bisect_right(anchors, at, key=itemgetter(side)), 1), len(anchors) - 1)
    before, after = anchors[place - 1], anchors[place]
    share = (at - before[side]) / (after[side] - before[side])
    return before[1 - side] + share * (after[1 - side] - before[1 - side])
