"""Which bars have the same chords."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.mir.analysis.findings import Chord, Quality

__all__ = ["same_chords"]

Signal = NDArray[np.float64]

_PLACES: Final = 8  # of a bar, at which chords are compared
_WEIGHTS: Final = (
    1.0,
    0.6,
    0.8,
    0.3,
)  # of root, third, fifth and seventh: a triad and its seventh chord are much alike
_TONES: Final[Mapping[Quality, tuple[int, ...]]] = {
    "major": (0, 4, 7),
    "minor": (0, 3, 7),
    "dominant_seventh": (0, 4, 7, 10),
    "major_seventh": (0, 4, 7, 11),
    "minor_seventh": (0, 3, 7, 10),
    "diminished": (0, 3, 6),
}


def same_chords(chords: Sequence[Chord], bounds: Signal) -> Signal:
    """How alike the chords of any two bars are, (bars, bars) in [0, 1], 1 on the diagonal.

    The mean over places in the bar of the cosine of the chords' tones. `chords` follow each other without gaps; `bounds` of the
    bars in seconds.
    """
    places = bounds[:-1, None] + np.diff(bounds)[:, None] * (np.arange(_PLACES) + 0.5) / _PLACES
    last = np.searchsorted([chord.start for chord in chords], places.ravel(), side="right") - 1
    tones = np.stack([_tones(chord) for chord in chords])[np.maximum(last, 0)].reshape(len(places), -1)
    alike: Signal = np.clip(tones @ tones.T / _PLACES, 0.0, 1.0)
    return alike


def _tones(chord: Chord) -> Signal:
    """A unit vector (13,): the pitch classes, and last the absence of any chord."""
    tones = np.zeros(13)
    if chord.root is None:
        tones[-1] = 1.0
        return tones
    for interval, weight in zip(_TONES[chord.quality], _WEIGHTS, strict=False):
        tones[(chord.root + interval) % 12] = weight
    unit: Signal = tones / np.linalg.norm(tones)
    return unit
