"""When something begins: peaks of the onset strength.

Peaks are picked as by S. Böck, F. Krebs and M. Schedl, "Evaluating the online capabilities of onset detection methods",
ISMIR 2012: the highest around, and clearly above the mean around.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from services.mir.analysis.form.features import ONSET_FRAMES_PER_SECOND, Features

__all__ = ["onset_times"]

_NEIGHBOURHOOD: Final = 5  # frames: onsets less than 40 ms apart are one
_SURROUNDINGS: Final = ONSET_FRAMES_PER_SECOND // 2 + 1  # frames
_CLEARLY: Final = 1.0  # dB: steady noise seldom reaches it, a flute over held strings does


def onset_times(features: Features) -> NDArray[np.float64]:
    """Ascending, in seconds, to within about 20 ms."""
    strength = features.onsets
    if not len(strength):
        return np.zeros(0)
    highest = ndimage.maximum_filter1d(strength, _NEIGHBOURHOOD, mode="constant")
    mean = ndimage.uniform_filter1d(strength, _SURROUNDINGS, mode="constant")
    peaks = np.flatnonzero((strength == highest) & (strength > mean + _CLEARLY))
    return np.asarray((peaks + 0.5) / ONSET_FRAMES_PER_SECOND)
