"""A track's beats, counted: which number each has, where its bars begin, how long a beat is on the whole."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite
from statistics import fmean, median
from typing import Final

from services.fusion.mixing.planning.material import Track

__all__ = ["Pulse", "pulse_of"]

_FEWEST: Final = 4  # beats; fewer tell no tempo
_NEAR: Final = 8  # beats to either side whose distances say how long a beat is there
_USUAL_BAR: Final = 4


@dataclass(frozen=True)
class Pulse:
    """The beats of a track.

    Attributes:
        seconds: when they fall, ascending.
        numbers: of each its number, ascending; where a beat was not heard, one is left out.
        beats_per_bar: of the metre.
        first_downbeat: the number of the first beat, heard or not, that most positions say is a downbeat.
        downbeats: seconds of all that were heard as downbeats; else of those that should be.
        origin, period: beat n lies about `origin + n * period` seconds (least squares).
    """

    seconds: tuple[float, ...]
    numbers: tuple[int, ...]
    beats_per_bar: int
    first_downbeat: int
    downbeats: tuple[float, ...]
    origin: float
    period: float

    @property
    def bpm(self) -> float:
        """Beats per minute as they lie in the audio."""
        return 60 / self.period

    def nearest_downbeat(self, seconds: float) -> float:
        """The second of the downbeat nearest to it."""
        place = bisect_left(self.downbeats, seconds)
        return min(self.downbeats[max(0, place - 1) : place + 1], key=lambda one: abs(one - seconds))


def pulse_of(track: Track) -> Pulse | None:
    """The beats of a track; None where fewer than four were heard.

    A distance of about n beats counts as n, and a beat that follows another at less than half the usual distance is none: what a
    tracker misses or doubles must not bend the music.
    """
    kept = [index for index, at in enumerate(track.beats) if isfinite(at)]
    beats, numbers = _counted(kept, track.beats)
    if len(beats) < _FEWEST:
        return None
    positions = [track.positions[index] if index < len(track.positions) else 0 for index in beats]
    seconds = tuple(track.beats[index] for index in beats)
    bar = track.beats_per_bar or max(positions) or _USUAL_BAR
    first = _first_downbeat(numbers, positions, bar)
    heard = tuple(at for at, position in zip(seconds, positions, strict=True) if position == 1)
    due = tuple(at for at, number in zip(seconds, numbers, strict=True) if (number - first) % bar == 0)
    origin, period = _line(numbers, seconds)
    return Pulse(seconds, tuple(numbers), bar, first, heard or due or seconds[:1], origin, period)


def _counted(kept: Sequence[int], beats: Sequence[float]) -> tuple[list[int], list[int]]:
    """Which beats count, and their numbers."""
    if len(kept) < _FEWEST:
        return [], []
    gaps = [later - earlier for earlier, later in pairwise(beats[index] for index in kept)]
    indices, numbers = [kept[0]], [0]
    for place, index in enumerate(kept[1:]):
        usual = median(gaps[max(0, place - _NEAR) : place + _NEAR + 1])
        steps = round((beats[index] - beats[indices[-1]]) / usual) if usual > 0 else 0
        if steps >= 1:
            indices.append(index)
            numbers.append(numbers[-1] + steps)
    return indices, numbers


def _first_downbeat(numbers: Sequence[int], positions: Sequence[int], bar: int) -> int:
    """The number, 0 to `bar` - 1, from which bars are counted as most positions have it; of equals that of the earliest beat."""
    starts = Counter(
        (number - position + 1) % bar for number, position in zip(numbers, positions, strict=True) if position >= 1
    )
    return starts.most_common(1)[0][0] if starts else 0


def _line(numbers: Sequence[int], seconds: Sequence[float]) -> tuple[float, float]:
    """Origin and period of equally spaced beats (least squares)."""
    number, second = fmean(numbers), fmean(seconds)
    spread = sum((one - number) ** 2 for one in numbers)
    period = sum((one - number) * (at - second) for one, at in zip(numbers, seconds, strict=True)) / spread
    return second - period * number, period
