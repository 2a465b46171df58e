"""How players announce a new section: a fill at the end of the bar before, an entry or a cymbal on its first beat.

Cues tell when a section begins to which repetition alone cannot be put a place: what recurs is known, where it begins is not
(J. Paulus, M. Müller and A. Klapuri, "Audio-based music structure analysis", ISMIR 2010, on novelty and repetition).
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.mir.analysis.form.bars import quarters
from services.mir.analysis.form.features import ONSET_FRAMES_PER_SECOND, Features

__all__ = ["cues"]

Signal = NDArray[np.float64]

# By logistic regression on 80 composed songs; in the units of the costs of `sections`.
_FILL: Final = 0.65  # per dB of onset strength
_ENTRY: Final = 0.09  # per dB of level
_CYMBAL: Final = 2.1  # per share of magnitude above 1500 Hz


def cues(features: Features, bounds: Signal) -> Signal:
    """What speaks for a section to begin at each of `bounds` of bars in seconds, (bars + 1,); 0 is usual in this song.

    Both ends have 0.
    """
    strength = quarters(features.onsets, bounds, ONSET_FRAMES_PER_SECOND)
    level = quarters(features.cepstrum[:, 0], bounds)
    brightness = quarters(features.brightness, bounds)
    found = np.zeros(len(bounds))
    if len(bounds) > 2:
        fill, entry = strength[:-1, -1], level[1:, 0] - level[:-1].mean(axis=1)
        found[1:-1] = _FILL * _beyond(fill) + _ENTRY * _beyond(entry) + _CYMBAL * _beyond(brightness[1:, 0])
    return found


def _beyond(values: Signal) -> Signal:
    """How far each is above what is usual."""
    above: Signal = values - np.median(values)
    return above
