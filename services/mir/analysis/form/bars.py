"""The features of a song bar by bar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.mir.analysis.form.features import FRAMES_PER_SECOND, Features

__all__ = ["Bars", "bar_bounds", "bars_of", "means_between", "quarters"]

Signal = NDArray[np.float64]

_UNMEASURED: Final = 2.0  # s: what is taken for a bar where there is no pulse


@dataclass(frozen=True)
class Bars:
    """`bounds`: (bars + 1,) in seconds, ascending; the rest (bars, ...) are means over the frames of each bar."""

    bounds: Signal
    cepstrum: Signal
    chroma: Signal


def bar_bounds(downbeats: Sequence[float], seconds: float) -> Signal:
    """Where bars begin, and where the last one ends: (bars + 1,) in seconds. Without downbeats, every two seconds.

    A pick-up before the first downbeat is no bar, nor is what follows the last one if it is less than half of one.
    """
    if len(downbeats) < 2:
        return np.arange(0.0, seconds + 1e-9, _UNMEASURED)
    usual = float(np.median(np.diff(downbeats)))
    end = min(seconds, downbeats[-1] + usual)
    return np.array([*downbeats, end] if end - downbeats[-1] >= usual / 2 else downbeats)


def bars_of(features: Features, bounds: Signal) -> Bars:
    """The bars between `bounds`, ascending, in seconds."""
    return Bars(
        bounds,
        means_between(features.cepstrum, bounds[:-1], bounds[1:]),
        means_between(features.chroma, bounds[:-1], bounds[1:]),
    )


def quarters(frames: NDArray[np.float32], bounds: Signal, rate: float = FRAMES_PER_SECOND) -> Signal:
    """The means (bars, 4) of `frames` (frames,), `rate` of them a second, over the four quarters of every bar."""
    starts = bounds[:-1, None] + np.diff(bounds)[:, None] * np.arange(4) / 4
    edges = np.append(starts.ravel(), bounds[-1])
    return means_between(frames, edges[:-1], edges[1:], rate).reshape(-1, 4)


def means_between(frames: NDArray[np.float32], starts: Signal, ends: Signal, rate: float = FRAMES_PER_SECOND) -> Signal:
    """The mean of `frames` (frames, ...) between each start and end in seconds; over the nearest frame at least."""
    first = np.clip(np.round(starts * rate).astype(int), 0, len(frames) - 1)
    last = np.clip(np.round(ends * rate).astype(int), first + 1, len(frames))
    sums = _running_sums(frames)
    count = (last - first).reshape(-1, *[1] * (frames.ndim - 1))
    means: Signal = (sums[last] - sums[first]) / count
    return means


def _running_sums(frames: NDArray[np.float32]) -> Signal:
    """Running sums (frames + 1, ...), from 0."""
    sums = np.zeros((len(frames) + 1, *frames.shape[1:]))
    np.cumsum(frames, axis=0, out=sums[1:])
    return sums
