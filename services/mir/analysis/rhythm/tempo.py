"""From placed beats to a tempo: steady or varying, its curve, its grid, and the other tempi at which one could count."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.mir.analysis.findings import Beats, Grid, Tempo, TempoCandidate, TempoPoint

__all__ = ["steady_tempo", "varying_tempo"]

_CANDIDATES: Final = 5
_SAME: Final = 0.04  # relative difference below which two tempi are one


def steady_tempo(beats: Beats, bpm: float, confidence: float, levels: Sequence[TempoCandidate]) -> Tempo:
    """The tempo of beats that lie on one grid; `levels` are the tempi that were weighed, best first."""
    downbeats = beats.downbeats
    grid = Grid(downbeats[0], bpm) if downbeats else None
    return Tempo(bpm, confidence, _candidates(bpm, levels), steady=True, grid=grid)


def varying_tempo(beats: Beats, confidence: float, levels: Sequence[TempoCandidate]) -> Tempo:
    """The tempo of beats whose distances change: their median, and a point for each bar."""
    bpm = 60.0 / float(np.median(np.diff(beats.seconds)))
    return Tempo(bpm, confidence, _candidates(bpm, levels), steady=False, curve=_curve(beats))


def _candidates(bpm: float, levels: Sequence[TempoCandidate]) -> tuple[TempoCandidate, ...]:
    """The tempo itself, the likeliest of those that were weighed, sharing the belief, and half and double tempo in any case."""
    likeliest = levels[:_CANDIDATES]
    scale, total = bpm / levels[0].bpm, sum(level.share for level in likeliest)
    found = [TempoCandidate(bpm, levels[0].share / total)]
    found += [TempoCandidate(level.bpm * scale, level.share / total) for level in likeliest[1:]]
    related = [TempoCandidate(bpm * ratio, 0.0) for ratio in (0.5, 2.0)]
    return (*found, *(other for other in related if all(abs(other.bpm / one.bpm - 1) > _SAME for one in found)))


def _curve(beats: Beats) -> tuple[TempoPoint, ...]:
    """The tempo in each bar, at its beginning; from the beats in it up to the next bar's first one."""
    seconds = np.asarray(beats.seconds)
    bars: NDArray[np.intp] = np.flatnonzero(np.asarray(beats.positions) == 1)
    return tuple(
        TempoPoint(float(seconds[start]), 60.0 * int(end - start) / float(seconds[end] - seconds[start]))
        for start, end in pairwise(bars)
    )
