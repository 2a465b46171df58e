"""The hardest passages of a song, as loops to practise.

Hard is what has many onsets, harmony that moves (the distance of tonal centroids: C. Harte, M. Sandler and M. Gasser,
"Detecting harmonic change in musical audio", AMCMM 2006) and many partials at once (the number of spectral peaks: C.
Laurier et al., "Indexing music by mood", Multimedia Tools and Applications 2010).
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.mir.analysis.findings import Passage
from services.mir.analysis.form.bars import means_between
from services.mir.analysis.form.features import FRAMES_PER_SECOND, Features
from services.mir.analysis.form.onsets import onset_times

__all__ = ["hardest_passages"]

Signal = NDArray[np.float64]

_SECONDS: Final = 8.0  # about as long as a practice loop should be
_FEWEST, _MOST = 2, 8  # bars
_COUNT: Final = 3


def hardest_passages(features: Features, bounds: Signal) -> tuple[Passage, ...]:
    """At most three passages between `bounds` of bars (in seconds), the hardest first, none overlapping another.

    All are of the same two to eight bars, those that last about eight seconds; none if there are fewer bars.
    """
    bars = _length(bounds)
    if len(bounds) <= bars:
        return ()
    starts, ends = bounds[:-bars], bounds[bars:]
    demands = np.stack([_among_all(demand) for demand in _demands(features, starts, ends)], axis=1)
    difficulty = demands.mean(axis=1)
    return tuple(
        Passage(float(starts[n]), float(ends[n]), float(difficulty[n]), *map(float, demands[n]))
        for n in _apart(difficulty, bars)
    )


def _length(bounds: Signal) -> int:
    usual = float(np.median(np.diff(bounds))) if len(bounds) > 1 else _SECONDS
    return int(np.clip(round(_SECONDS / usual), _FEWEST, _MOST))


def _demands(features: Features, starts: Signal, ends: Signal) -> tuple[Signal, Signal, Signal]:
    """Onsets per second, harmonic change and spectral peaks, each (passages,)."""
    onsets = onset_times(features)
    density = (np.searchsorted(onsets, ends) - np.searchsorted(onsets, starts)) / (ends - starts)
    change = means_between(_harmonic_change(features.chroma), starts, ends)
    return density, change, means_between(features.complexity, starts, ends)


def _harmonic_change(chroma: NDArray[np.float32]) -> NDArray[np.float32]:
    """How far the tonal centroid moves around each frame, (frames,)."""
    fifths, minor_thirds, major_thirds = (np.arange(12) * np.pi * step for step in (7 / 6, 3 / 2, 2 / 3))
    circles = ((1.0, fifths), (1.0, minor_thirds), (0.5, major_thirds))
    axes = np.stack([radius * turn(angle) for radius, angle in circles for turn in (np.sin, np.cos)], axis=1)
    centroid = chroma @ axes
    change = np.zeros(len(chroma), np.float32)
    change[1:-1] = np.linalg.norm(centroid[2:] - centroid[:-2], axis=1) * FRAMES_PER_SECOND / 2
    return change


def _among_all(values: Signal) -> Signal:
    """From 0 for the least of a track's passages to 1 for the most; 0 where all are the same."""
    spread = float(np.ptp(values))
    return (values - values.min()) / spread if spread > 0 else np.zeros(len(values))


def _apart(difficulty: Signal, bars: int) -> list[int]:
    """The first bars of the hardest passages, hardest first."""
    chosen: list[int] = []
    for first in np.argsort(-difficulty, kind="stable").tolist():
        if len(chosen) < _COUNT and all(abs(first - other) >= bars for other in chosen):
            chosen.append(first)
    return chosen
