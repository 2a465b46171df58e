"""When the harmony changes."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.mir.analysis.activations import BEAT_FRAMES_PER_SECOND, CHORD_FRAMES_PER_SECOND, ChordActivations
from services.mir.analysis.harmony.evidence import chord_evidence

__all__ = ["harmonic_change"]

_REACH: Final = round(0.25 * CHORD_FRAMES_PER_SECOND)  # frames before and after a moment that are compared
_CHUNK: Final = 1024  # frames


def harmonic_change(heard: ChordActivations) -> NDArray[np.float32]:
    """How much the chord changes at each moment, in [0, 1]: (frames,) at BEAT_FRAMES_PER_SECOND.

    The total variation distance between the mean chord probabilities shortly before and shortly after the moment.
    """
    evidence = chord_evidence(heard)
    if len(evidence) < 2:
        return np.zeros(len(evidence), np.float32)
    firsts = range(1, len(evidence), _CHUNK)
    strength = np.concatenate([_strength(evidence, first, min(first + _CHUNK, len(evidence))) for first in firsts])
    seconds = (np.arange(1, len(evidence)) - 0.5) / CHORD_FRAMES_PER_SECOND
    moments = np.arange(round(len(evidence) / CHORD_FRAMES_PER_SECOND * BEAT_FRAMES_PER_SECOND))
    change: NDArray[np.float32] = np.interp(moments / BEAT_FRAMES_PER_SECOND, seconds, strength).astype(np.float32)
    return change


def _strength(evidence: NDArray[np.float32], start: int, stop: int) -> NDArray[np.float64]:
    """The change at the beginning of each frame from `start` to before `stop`."""
    frame = np.arange(start, stop)
    first, last = np.maximum(frame - _REACH, 0), np.minimum(frame + _REACH, len(evidence))
    probabilities = np.exp(evidence[first[0] : last[-1]].astype(np.float64))
    sums = np.pad(np.cumsum(probabilities, axis=0), ((1, 0), (0, 0)))
    here, before, after = sums[frame - first[0]], sums[first - first[0]], sums[last - first[0]]
    change = (after - here) / (last - frame)[:, None] - (here - before) / (frame - first)[:, None]
    strength: NDArray[np.float64] = 0.5 * np.abs(change).sum(axis=1)
    return strength
