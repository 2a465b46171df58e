"""True peak, ITU-R BS.1770-4 annex 2, block by block in constant memory.

The signal is oversampled four times by a polyphase FIR filter; what it does between the samples, where a converter or a
lossy codec would clip, is seen to within 0.2 dB up to a quarter of the sample rate.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from services.fusion.mixing.part import Pcm

__all__ = ["TruePeakMeter"]

_OVERSAMPLING: Final = 4
_REACH: Final = 20  # frames that the filter looks back
_FILTER: Final[NDArray[np.float32]] = np.asarray(
    # The filter that scipy.signal.resample_poly designs for this factor.
    signal.firwin(_OVERSAMPLING * _REACH + 1, 1 / _OVERSAMPLING, window=("kaiser", 5.0)) * _OVERSAMPLING,
    np.float32,
)


class TruePeakMeter:
    """Takes blocks of PCM of any length and answers the true peak of everything so far."""

    def __init__(self, channels: int) -> None:
        """Measure `channels` channels; the highest one counts."""
        self._past: Pcm = np.zeros((_REACH, channels), np.float32)
        self._peak = 0.0

    def add(self, block: Pcm) -> None:
        """Hear a block of float PCM (frames, channels)."""
        if not len(block):
            return
        self._peak = max(self._peak, float(np.abs(block).max()), _oversampled_peak(self._past, block))
        self._past = np.concatenate([self._past, block])[-_REACH:]

    def dbtp(self) -> float | None:
        """The true peak in dB relative to full scale; None for digital silence."""
        ringing = _oversampled_peak(self._past, np.zeros_like(self._past))
        peak = max(self._peak, ringing)
        return 20 * math.log10(peak) if peak > 0 else None


def _oversampled_peak(past: Pcm, block: Pcm) -> float:
    """The highest magnitude among the oversampled values that `block` completes."""
    context = np.ascontiguousarray(np.concatenate([past, block]).T, np.float32)
    oversampled = signal.upfirdn(_FILTER, context, up=_OVERSAMPLING, axis=-1)
    complete = oversampled[:, _OVERSAMPLING * _REACH : _OVERSAMPLING * (_REACH + len(block))]
    return float(np.abs(complete).max())
