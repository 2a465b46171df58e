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

_REACH: Final = round(0.05 * ONSETS_PER_SECOND)  # frames around a decoded beat in which its onset is sought
_RISE: Final = 12  # frames before its peak in which a sound begins
_SMEAR: Final = 0.004  # seconds by which windows see a sound before it begins, after songs whose beats are known
_TRUST: Final = 0.025  # standard deviation of the decoded beat
_TOLERANCE: Final = (
    0.012  # seconds by which three in four beats of a steady track, smoothed, stray from their line at most
)
_WORST: Final = 0.025  # and nine in ten, once those that were taken half a beat off are counted as if they were not
_LONG: Final = 17  # beats over which strays are smoothed: players waver, and come back
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
    """Move each beat (beats,) to the beginning of the strongest sound near it; also how strong that begins.

    A sound begins where its flux has risen to half of its peak.
    """
    envelope = (onsets / np.maximum(onsets.mean(axis=0), 1e-9)).sum(axis=1)
    centres = np.clip(np.rint(seconds * ONSETS_PER_SECOND).astype(int), 0, len(envelope) - 1)
    near = np.arange(-_REACH - _RISE, _REACH + 1)
    windows = np.pad(envelope, (_REACH + _RISE, _REACH))[centres[:, None] + near + _REACH + _RISE]
    away = (centres[:, None] + near) / ONSETS_PER_SECOND - seconds[:, None]
    trusted = windows * np.exp(-0.5 * (away / _TRUST) ** 2)
    peaks = _RISE + np.argmax(trusted[:, _RISE:], axis=1)
    rows = np.arange(len(seconds))
    return seconds + away[:, 0] + _half_rise(windows, peaks) / ONSETS_PER_SECOND + _SMEAR, windows[rows, peaks]


def _half_rise(windows: Times, peaks: NDArray[np.intp]) -> Times:
    """Where (rows,), in fractions of a frame, each row rises to half of its peak's height."""
    rows = np.arange(len(windows))
    half = windows[rows, peaks] / 2
    before = np.arange(windows.shape[1]) < peaks[:, None]
    low = np.where(before & (windows <= half[:, None]), np.arange(windows.shape[1]), -1).max(axis=1)
    low = np.where(low < 0, peaks, low)
    below, above = windows[rows, low], windows[rows, np.minimum(low + 1, peaks)]
    fraction: Times = low + np.where(above > below, (half - below) / np.maximum(above - below, 1e-9), 0.0)
    return fraction


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
    """Whether the beats stay on one line from beginning to end; single beats beside it do not count, nor wrong ones."""
    smoothed = scipy.ndimage.median_filter(line.strays, _LONG, mode="nearest")
    half = line.period / 2
    folded = (smoothed + half / 2) % half - half / 2
    return bool(np.percentile(np.abs(smoothed), 75) < _TOLERANCE and np.percentile(np.abs(folded), 90) < _WORST)


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
