"""Beats at another metrical level, from another phase or in other bars. Imports no numpy: a server does this at each reading."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import Final

from services.mir.analysis.findings import Beats, Metre

__all__ = ["LEVELS", "at_level", "beats_per_bar", "laid", "level_of", "moved", "regrouped"]

LEVELS: Final = tuple(
    Fraction(*each) for each in ((1, 4), (1, 3), (1, 2), (2, 3), (1, 1), (3, 2), (2, 1), (3, 1), (4, 1))
)
"""Tempi at which people hear the same music, as multiples of one of them."""

_SAME_TEMPO: Final = 0.04
"""Tempi that differ by less, relatively, are one: the tolerance of Acc1 (Gouyon et al. 2006)."""

_SAME_BEAT: Final = 0.2
"""A moment closer to a beat than this share of the beats' distance means that beat."""


def level_of(bpm: float, heard_bpm: float) -> Fraction | None:
    """Return the multiple of the tempo heard that `bpm` means, one of `LEVELS`; None: it is another tempo."""
    nearest = min(LEVELS, key=lambda level: abs(math.log(bpm / (heard_bpm * level))))
    return nearest if abs(bpm / (heard_bpm * nearest) - 1) <= _SAME_TEMPO else None


def beats_per_bar(metre: Metre | None, beats: Beats | None = None) -> int:
    """Return how many beats a bar has: in compound metres (6/8, 9/8, 12/8) the dotted quarters. Untold, as the beats count."""
    if metre is None:
        return max(beats.positions, default=4) if beats else 4
    compound = metre.denominator == 8 and metre.numerator > 3 and metre.numerator % 3 == 0
    return metre.numerator // 3 if compound else metre.numerator


def at_level(beats: Beats, level: Fraction, per_bar: int) -> Beats:
    """Return the beats at a multiple of their tempo: some put between them, at equal distances, or some left out.

    Bars begin where they began, as far as bars of `per_bar` beats allow.
    """
    seconds = _subdivided(beats.seconds, level.numerator)
    starts = {index * level.numerator for index, position in enumerate(beats.positions) if position == 1}
    stride = level.denominator
    places = _places(len(seconds), starts, stride * per_bar, per_bar)
    kept = [(at, place // stride + 1) for at, place in zip(seconds, places, strict=True) if place % stride == 0]
    return replace(beats, seconds=tuple(at for at, _ in kept), positions=tuple(position for _, position in kept))


def _subdivided(seconds: tuple[float, ...], parts: int) -> tuple[float, ...]:
    between = [start + (end - start) * part / parts for start, end in pairwise(seconds) for part in range(parts)]
    return (*between, *seconds[-1:])


def _places(length: int, starts: Collection[int], bar: int, unit: int) -> list[int]:
    """Count in bars of `bar` from the first of `starts`. Equal bars begin at whole units; one that does not opens a new bar."""
    first = min(starts, default=0)
    places = [(index - first) % bar for index in range(first)]
    place = 0
    for index in range(first, length):
        if place >= bar or (index in starts and place % unit):
            place = 0
        places.append(place)
        place += 1
    return places


def regrouped(beats: Beats, downbeat: int, per_bar: int) -> Beats:
    """Number the beats in equal bars, of which one begins with the beat of this index."""
    return replace(beats, positions=tuple((index - downbeat) % per_bar + 1 for index in range(len(beats.seconds))))


def moved(beats: Beats, downbeat_seconds: float, per_bar: int, length_seconds: float) -> tuple[Beats, float]:
    """Return the beats with a bar beginning at this moment, and by how many seconds they had to move for that.

    Close to a beat it is that beat, and none moves; else all do, since the phase was wrong. Before the first beat and after
    the last it is as if they went on.
    """
    nearest = min(range(len(beats.seconds)), key=lambda index: abs(beats.seconds[index] - downbeat_seconds))
    distance = _distance(beats.seconds, nearest)
    away = downbeat_seconds - beats.seconds[nearest]
    steps = round(away / distance) if distance else 0
    numbered = regrouped(beats, nearest + steps, per_bar)
    shift = away - steps * distance
    if abs(shift) <= _SAME_BEAT * distance:
        return numbered, 0.0
    pairs = zip(numbered.seconds, numbered.positions, strict=True)
    there = [(at + shift, position) for at, position in pairs if 0 <= at + shift <= length_seconds]
    seconds, positions = tuple(at for at, _ in there), tuple(position for _, position in there)
    return replace(numbered, seconds=seconds, positions=positions), shift


def _distance(seconds: tuple[float, ...], index: int) -> float:
    neighbours = seconds[max(index - 1, 0) : index + 2]
    return (neighbours[-1] - neighbours[0]) / (len(neighbours) - 1) if len(neighbours) > 1 else 0.0


def laid(downbeat_seconds: float, bpm: float, per_bar: int, length_seconds: float) -> Beats:
    """Return equally spaced beats from beginning to end, of which one, a downbeat, is at this moment."""
    period = 60 / bpm
    first = -math.floor(downbeat_seconds / period + 1e-9)
    last = math.floor((length_seconds - downbeat_seconds) / period + 1e-9)
    numbers = range(first, last + 1)
    return Beats(
        seconds=tuple(max(downbeat_seconds + number * period, 0.0) for number in numbers),
        positions=tuple(number % per_bar + 1 for number in numbers),
        confidence=1.0,
        downbeat_confidence=0.0,
    )
