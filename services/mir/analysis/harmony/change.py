"""When the harmony changes."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.mir.analysis.activations import BEAT_FRAMES_PER_SECOND, CHORD_FRAMES_PER_SECOND, ChordActivations
from services.mir.analysis.harmony.evidence import chord_evidence

__all__ = ["harmonic_change"]

_REACH_SECONDS: Final = 0.25  # what sounds this long before and after a moment is compared


def harmonic_change(heard: ChordActivations) -> NDArray[np.float32]:
    """How much the chord changes at each moment, in [0, 1]: (frames,) at BEAT_FRAMES_PER_SECOND.

    The total variation distance between the mean chord probabilities shortly before and shortly after the moment.
    """
    probabilities = np.exp(chord_evidence(heard))
    if len(probabilities) < 2:
        return np.zeros(len(probabilities), np.float32)
    reach = round(_REACH_SECONDS * CHORD_FRAMES_PER_SECOND)
    frame = np.arange(1, len(probabilities))
    first, last = np.maximum(frame - reach, 0), np.minimum(frame + reach, len(probabilities))
    sums = np.pad(np.cumsum(probabilities, axis=0), ((1, 0), (0, 0)))
    before = (sums[frame] - sums[first]) / (frame - first)[:, None]
    after = (sums[last] - sums[frame]) / (last - frame)[:, None]
    strength = 0.5 * np.abs(after - before).sum(axis=1)
    seconds = (frame - 0.5) / CHORD_FRAMES_PER_SECOND
    moments = np.arange(round(len(probabilities) / CHORD_FRAMES_PER_SECOND * BEAT_FRAMES_PER_SECOND))
    change: NDArray[np.float32] = np.interp(moments / BEAT_FRAMES_PER_SECOND, seconds, strength).astype(np.float32)
    return change
