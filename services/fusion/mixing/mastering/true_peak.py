"""True peak, ITU-R BS.1770-4 annex 2, block by block in constant memory.

What the signal does between its samples, where a converter or a lossy codec would clip, is seen by oversampling it: four times
everywhere, and eight times with a sharper filter where it is loud. Thus the meter reads as ffmpeg's ebur128 does, or more: what
it finds below a ceiling no usual meter finds above it. (Measured on noise, drums, clipped and limited songs.)
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

_REACH: Final = 16  # frames that the sharper filter sees to each side
_ROUGH_REACH: Final = 10
_WINDOW: Final = ROW_FRAMES + 2 * _REACH
_BATCH: Final = 16  # rows that are multiplied together: so few that BLAS doesn't wake threads for them
_LIMITABLE: Final = 0.4  # -8 dB from the highest peak so far: what a limiter may have to turn down
_HIGHEST: Final = 0.7  # -3 dB: what may turn out to be the highest peak, when it is looked at more closely
_FINENESS: Final = 2.0**-16  # -96 dB: coarser than what different processors round differently


class PeakEnvelope:
    """Takes blocks of PCM of any length and answers the true peak of every ROW_FRAMES frames."""

    def __init__(self, channels: int, loud: float = _LIMITABLE) -> None:
        """Measure `channels` channels; the highest one counts. Rows above `loud` times the highest peak are measured closely."""
        self._loud = loud
        self._held: Pcm = np.zeros((_REACH, channels), np.float32)
        self.highest = 0.0
        """So far, linear."""

    def add(self, block: Pcm) -> NDArray[np.float32]:
        """Hear a block (frames, channels); return the peaks of the rows that it completes, linear, 1 is full scale.

        Rounded up by at most 2**-16, so that the peaks are the same on every machine.
        """
        held = np.concatenate([self._held, block])
        rows = max(0, (len(held) - 2 * _REACH) // ROW_FRAMES)
        self._held = held[rows * ROW_FRAMES :]
        if not rows:
            return np.zeros(0, np.float32)
        peaks = _peaks(held[: rows * ROW_FRAMES + 2 * _REACH], self._loud * self.highest)
        self.highest = max(self.highest, float(peaks.max()))
        return peaks

    def rest(self) -> NDArray[np.float32]:
        """The peaks of the rows after those that `add` answered, if silence followed: the last frames and their ringing."""
        silence = np.zeros((_WINDOW + ROW_FRAMES - len(self._held) % ROW_FRAMES, self._held.shape[1]), np.float32)
        return _peaks(np.concatenate([self._held, silence]), self._loud * self.highest)


class TruePeakMeter:
    """Takes blocks of PCM of any length and answers the true peak of everything so far."""

    def __init__(self, channels: int) -> None:
        """Measure `channels` channels; the highest one counts."""
        self._envelope = PeakEnvelope(channels, _HIGHEST)

    def add(self, block: Pcm) -> None:
        """Hear a block of float PCM (frames, channels)."""
        self._envelope.add(block)

    def dbtp(self) -> float | None:
        """The true peak in dB relative to full scale; None for digital silence."""
        peak = max(self._envelope.highest, float(self._envelope.rest().max()))
        return 20 * math.log10(peak) if peak > 0 else None


def _interpolation(oversampling: int, reach: int, beta: float) -> NDArray[np.float32]:
    """(_WINDOW, phases): from a row's frames and their neighbours to what lies between the frames.

    A Kaiser window of 2 x `reach` frames. As a matrix product it takes a quarter of the time that a polyphase filter does.
    """
    taps = signal.firwin(2 * oversampling * reach + 1, 1 / oversampling, window=("kaiser", beta)) * oversampling
    matrix = np.zeros((_WINDOW, ROW_FRAMES, oversampling - 1))
    for frame in range(ROW_FRAMES):
        for phase in range(1, oversampling):
            reversed_taps = taps[phase::oversampling][::-1]
            first = frame + 1 + _REACH - reach
            matrix[first : first + len(reversed_taps), frame, phase - 1] = reversed_taps
    return matrix.reshape(_WINDOW, -1).astype(np.float32)


_ROUGH: Final = _interpolation(4, _ROUGH_REACH, 5.0)  # the filter that scipy.signal.resample_poly designs
_SHARP: Final = _interpolation(8, _REACH, 7.0)


def _peaks(pcm: Pcm, loud: float) -> NDArray[np.float32]:
    """The true peak of every whole row of `pcm`, which begins and ends with _REACH frames of its neighbours.

    Rows that seem to exceed `loud` are measured closely.
    """
    of_channels = [_row_peaks(np.ascontiguousarray(pcm[:, channel]), loud) for channel in range(pcm.shape[1])]
    rounded: NDArray[np.float32] = (np.ceil(np.max(of_channels, axis=0) / _FINENESS) * _FINENESS).astype(np.float32)
    return rounded


def _row_peaks(samples: NDArray[np.float32], loud: float) -> NDArray[np.float32]:
    windows = np.ascontiguousarray(sliding_window_view(samples, _WINDOW)[::ROW_FRAMES])
    own = np.abs(windows[:, _REACH : _REACH + ROW_FRAMES]).max(axis=1)
    peaks: NDArray[np.float32] = np.maximum(own, _highest(windows, _ROUGH))
    close = peaks > loud
    peaks[close] = np.maximum(peaks[close], _highest(windows[close], _SHARP))
    return peaks


def _highest(windows: NDArray[np.float32], interpolation: NDArray[np.float32]) -> NDArray[np.float32]:
    """The highest magnitude between the samples of every row."""
    rows = len(windows)
    whole = np.concatenate([windows, np.zeros((-rows % _BATCH, _WINDOW), np.float32)]).reshape(-1, _BATCH, _WINDOW)
    values = (whole @ interpolation).reshape(-1, interpolation.shape[1])[:rows]
    highest: NDArray[np.float32] = np.maximum(values.max(axis=1), -values.min(axis=1))
    return highest
