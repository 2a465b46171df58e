"""True peak, ITU-R BS.1770-4 annex 2, block by block in constant memory.

The signal is oversampled four times by a polyphase FIR filter; what it does between the samples, where a converter or a
lossy codec would clip, is seen to within 0.2 dB up to a quarter of the sample rate.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy import signal

from services.fusion.mixing.sources import Pcm

__all__ = ["ROW_FRAMES", "PeakEnvelope", "TruePeakMeter"]

ROW_FRAMES: Final = 32
"""Frames of which a `PeakEnvelope` knows the highest peak: 0.7 ms."""

_OVERSAMPLING: Final = 4
_REACH: Final = 10  # frames that the filter sees to each side
_WINDOW: Final = ROW_FRAMES + 2 * _REACH
_FINENESS: Final = 2.0**-16  # -96 dB: coarser than what different processors round differently


class PeakEnvelope:
    """Takes blocks of PCM of any length and answers the true peak of every ROW_FRAMES frames."""

    def __init__(self, channels: int) -> None:
        """Measure `channels` channels; the highest one counts."""
        self._held: Pcm = np.zeros((_REACH, channels), np.float32)

    def add(self, block: Pcm) -> NDArray[np.float32]:
        """Hear a block (frames, channels); return the peaks of the rows that it completes, linear, 1 is full scale.

        Rounded up by at most 2**-16, so that the peaks are the same on every machine.
        """
        held = np.concatenate([self._held, block])
        rows = max(0, (len(held) - 2 * _REACH) // ROW_FRAMES)
        self._held = held[rows * ROW_FRAMES :]
        return _peaks(held[: rows * ROW_FRAMES + 2 * _REACH]) if rows else np.zeros(0, np.float32)

    def rest(self) -> NDArray[np.float32]:
        """The peaks of the rows after those that `add` answered, if silence followed: the last frames and their ringing."""
        silence = np.zeros((_WINDOW + ROW_FRAMES - len(self._held) % ROW_FRAMES, self._held.shape[1]), np.float32)
        whole = np.concatenate([self._held, silence])
        return _peaks(whole[: (len(whole) - 2 * _REACH) // ROW_FRAMES * ROW_FRAMES + 2 * _REACH])


class TruePeakMeter:
    """Takes blocks of PCM of any length and answers the true peak of everything so far."""

    def __init__(self, channels: int) -> None:
        """Measure `channels` channels; the highest one counts."""
        self._envelope = PeakEnvelope(channels)
        self._peak = 0.0

    def add(self, block: Pcm) -> None:
        """Hear a block of float PCM (frames, channels)."""
        self._peak = max(self._peak, float(self._envelope.add(block).max(initial=0.0)))

    def dbtp(self) -> float | None:
        """The true peak in dB relative to full scale; None for digital silence."""
        peak = max(self._peak, float(self._envelope.rest().max(initial=0.0)))
        return 20 * math.log10(peak) if peak > 0 else None


def _interpolation() -> NDArray[np.float32]:
    """(_WINDOW, 3 * ROW_FRAMES): from a row's frames and their neighbours to what lies between the frames.

    As a matrix product it takes a quarter of the time that a polyphase filter does.
    """
    # The filter that scipy.signal.resample_poly designs for this factor.
    taps = signal.firwin(2 * _OVERSAMPLING * _REACH + 1, 1 / _OVERSAMPLING, window=("kaiser", 5.0)) * _OVERSAMPLING
    matrix = np.zeros((_WINDOW, ROW_FRAMES, _OVERSAMPLING - 1))
    for frame in range(ROW_FRAMES):
        for phase in range(1, _OVERSAMPLING):
            reversed_taps = taps[phase::_OVERSAMPLING][::-1]
            matrix[frame + 1 : frame + 1 + len(reversed_taps), frame, phase - 1] = reversed_taps
    return matrix.reshape(_WINDOW, -1).astype(np.float32)


_INTERPOLATION: Final = _interpolation()


def _peaks(pcm: Pcm) -> NDArray[np.float32]:
    """The true peak of every whole row of `pcm`, which begins and ends with _REACH frames of its neighbours."""
    highest = np.max([_row_peaks(np.ascontiguousarray(pcm[:, channel])) for channel in range(pcm.shape[1])], axis=0)
    rounded: NDArray[np.float32] = (np.ceil(highest / _FINENESS) * _FINENESS).astype(np.float32)
    return rounded


def _row_peaks(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    windows = np.ascontiguousarray(sliding_window_view(samples, _WINDOW)[::ROW_FRAMES])
    between = windows @ _INTERPOLATION
    own = np.abs(windows[:, _REACH : _REACH + ROW_FRAMES]).max(axis=1)
    peaks: NDArray[np.float32] = np.max([between.max(axis=1), -between.min(axis=1), own], axis=0)
    return peaks
