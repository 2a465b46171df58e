"""What is played where in the bar: it tells metres apart whose bars are as long, as 6/8 and 3/4.

After F. Krebs, S. Böck, G. Widmer, "Rhythmic pattern modeling for beat and downbeat tracking in musical audio", ISMIR 2013,
as features of a reading instead of states of a model.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.mir.analysis.rhythm.evidence import Heard, compressed

__all__ = ["bar_pattern", "pattern_size", "subdivided"]

Signal = NDArray[np.float32]

_TWELFTHS: Final = (0, 6, 3, 9, 4, 8)
_CUES: Final = (0, 1, 2, 3, 5)  # without the downbeat activation, which stands for the beat alone
_PLACES: Final = {4: (0, 1, 2), 3: (0, 1, 2), 2: (0, 1, 3, 4)}  # by metre: a beat's halves and quarters, or its thirds


def subdivided(heard: Heard, beats: NDArray[np.int64]) -> Signal:
    """Cues (beats, 5, 5): on each beat, and at its half, its quarters, its first and its second third after it."""
    intervals = np.append(np.diff(beats), beats[-1] - beats[-2])
    moments = beats[:, None] + intervals[:, None] * np.array(_TWELFTHS) / 12
    cues = heard.cues[np.minimum(np.rint(moments).astype(int), len(heard.cues) - 1)][..., _CUES]
    quarters = (cues[:, 2:3] + cues[:, 3:4]) / 2
    return np.concatenate([cues[:, :2], quarters, cues[:, 4:]], axis=1)


def bar_pattern(between: Signal, places: NDArray[np.int64], beats_per_bar: int) -> Signal:
    """How much stronger the cues (n,) are at each place of the bar than at the same part of its other beats.

    For each beat of the bar, of 4, 3 or 2, the mean of the beats (beats,) in that place, compressed.
    """
    by_place = [between[places == place] for place in range(1, beats_per_bar + 1)]
    means = np.stack([(beats if len(beats) else between).mean(axis=0) for beats in by_place])
    strengths = compressed(means)[:, _PLACES[beats_per_bar]]
    pattern: Signal = (strengths - strengths.mean(axis=0)).ravel()
    return pattern


def pattern_size(beats_per_bar: int) -> int:
    """How many features the pattern of a metre has."""
    return beats_per_bar * len(_PLACES[beats_per_bar]) * len(_CUES)
