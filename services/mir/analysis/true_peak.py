"""True peak, ITU-R BS.1770-4 annex 2, block by block in constant memory.

The signal is oversampled four times by the polyphase filter that scipy.signal.resample_poly designs for this
factor; what it does between the samples is seen to within 0.2 dB up to a quarter of the sample rate. The filter
is applied as a product with banded matrices, to rows of 32 frames and the rows before them: several times faster
than a filter loop.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import signal

__all__ = ["TruePeakMeter"]

Pcm = NDArray[np.float32]

_OVERSAMPLING: Final = 4
_REACH: Final = 20  # frames that the filter looks back
_ROW: Final = 32  # frames; more than the reach, so that a row and the one before hold all that the filter sees


class TruePeakMeter:
    """Takes blocks of PCM of any length and answers the true peak of everything so far."""

    def __init__(self, channels: int) -> None:
        """Measure `channels` channels; the highest one counts."""
        self._waiting: Pcm = np.zeros((channels, _ROW), np.float32)  # the last whole row, and what follows it
        self._peak = 0.0

    def add(self, block: Pcm) -> None:
        """Hear a block of float PCM (frames, channels)."""
        heard = np.concatenate([self._waiting, block.T], axis=1)
        whole = heard.shape[1] // _ROW * _ROW
        self._peak = max(self._peak, _peak(heard[:, :whole]))
        self._waiting = heard[:, whole - _ROW :]

    def dbtp(self) -> float | None:
        """The true peak in dB relative to full scale; None for digital silence."""
        channels, waiting = self._waiting.shape
        ringing = np.zeros((channels, 3 * _ROW), np.float32)
        ringing[:, :waiting] = self._waiting
        peak = max(self._peak, _peak(ringing))
        return 20 * math.log10(peak) if peak > 0 else None


def _peak(heard: Pcm) -> float:
    """The highest magnitude of all but the first row, and of the values between its samples.

    `heard`: (channels, a multiple of the row's frames).
    """
    rows = heard.reshape(len(heard), -1, _ROW)
    if rows.shape[1] < 2:
        return 0.0
    between = rows[:, 1:] @ _OF_THE_ROW + rows[:, :-1] @ _OF_THE_ROW_BEFORE
    return max(float(max(values.max(), -values.min())) for values in (rows, between))


def _banded(offset: int) -> Pcm:
    """What each frame of a row that is `offset` frames away gives to the three values after each frame of this row.

    (frames, 3 x frames); the fourth value is the frame itself, where the filter is 1.
    """
    taps = signal.firwin(_OVERSAMPLING * _REACH + 1, 1 / _OVERSAMPLING, window=("kaiser", 5.0)) * _OVERSAMPLING
    phases = taps[:-1].reshape(_REACH, _OVERSAMPLING)[:, 1:]
    back = np.arange(_ROW)[None, :] + offset - np.arange(_ROW)[:, None]
    seen = (back >= 0) & (back < _REACH)
    values = np.where(seen[..., None], phases[np.clip(back, 0, _REACH - 1)], 0.0)
    return values.reshape(_ROW, -1).astype(np.float32)


_OF_THE_ROW: Final[Pcm] = _banded(0)
_OF_THE_ROW_BEFORE: Final[Pcm] = _banded(_ROW)
