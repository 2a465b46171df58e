"""When exactly a beat falls, whether all beats lie on one grid, and how the tempo goes where they do not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import scipy.ndimage
import scipy.signal
from numpy.typing import NDArray

from services.mir.analysis.rhythm.onsets import ONSETS_PER_SECOND

__all__ = ["Line", "fit_line", "is_steady", "refine", "smooth"]

Times = NDArray[np.float64]

_REACH: Final = 0.05  # seconds around a decoded beat in which its onset is sought
_TRUST: Final = 0.025  # standard deviation of the decoded beat
_TOLERANCE: Final = 0.012  # seconds by which the beats of a steady track, smoothed, stray from their line
_ROUNDS: Final = 10
_NEIGHBOURS: Final = 5


@dataclass(frozen=True)
class Line:
    """Equally spaced beats: `offset + period * numbers`, both in seconds; `strays` (beats,) are their deviations."""

    offset: float
    period: float
    numbers: NDArray[np.int64]
    strays: Times


def refine(seconds: Times, onsets: NDArray[np.float32]) -> tuple[Times, Times]:
    """Move each beat (beats,) to the strongest onset near it; also how strong that is, relative to the track's mean."""
    envelope = (onsets / np.maximum(onsets.mean(axis=0), 1e-9)).sum(axis=1)
    reach = round(_REACH * ONSETS_PER_SECOND)
    padded = np.pad(envelope, reach + 1)
    centres = np.clip(np.rint(seconds * ONSETS_PER_SECOND).astype(int), 0, len(envelope) - 1)
    windows = padded[centres[:, None] + np.arange(2 * reach + 3)]
    away = (centres[:, None] + np.arange(-reach - 1, reach + 2)) / ONSETS_PER_SECOND - seconds[:, None]
    peaks = 1 + np.argmax((windows * np.exp(-0.5 * (away / _TRUST) ** 2))[:, 1:-1], axis=1)
    rows = np.arange(len(seconds))
    before, at, after = (windows[rows, peaks + by] for by in (-1, 0, 1))
    bend = np.minimum(before - 2 * at + after, -1e-9)
    shift = np.clip(0.5 * (before - after) / bend, -0.5, 0.5)
    return seconds + away[rows, peaks] + shift / ONSETS_PER_SECOND, at


def fit_line(seconds: Times, weights: Times) -> Line:
    """The line through beats (beats,), at least two, robust against beats that are misplaced, too many or missing.

    Least squares, reweighted by Tukey's biweight (P. Huber, "Robust statistics", 1981).
    """
    numbers = _numbers(seconds)
    trust = weights / max(1e-9, float(weights.max())) + 0.05
    now = trust
    for _ in range(_ROUNDS):
        period, offset = np.polyfit(numbers, seconds, 1, w=np.sqrt(now))
        strays = seconds - offset - period * numbers
        width = max(0.006, 4.7 * float(np.median(np.abs(strays))) / 0.67)
        now = trust * np.maximum(1e-6, (1 - np.minimum(1, (strays / width) ** 2)) ** 2)
    return Line(float(offset), float(period), numbers, strays)


def is_steady(line: Line) -> bool:
    """Whether the beats stay on the line all the time; single beats beside it do not count."""
    smoothed = scipy.ndimage.median_filter(line.strays, 9, mode="nearest")
    return bool(np.percentile(np.abs(smoothed), 95) < _TOLERANCE)


def smooth(seconds: Times) -> Times:
    """The beats of a varying tempo, each on the straight line through itself and its neighbours: players are less even."""
    if len(seconds) < _NEIGHBOURS:
        return seconds
    smoothed: Times = scipy.signal.savgol_filter(seconds, _NEIGHBOURS, 1)
    return smoothed


def _numbers(seconds: Times) -> NDArray[np.int64]:
    """Number the beats from 0, leaving out the numbers of missing ones."""
    intervals = np.diff(seconds)
    steps = np.maximum(0, np.rint(intervals / np.median(intervals)))
    return np.concatenate([[0], np.cumsum(steps)]).astype(np.int64)
