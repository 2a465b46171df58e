"""What a sum measures: everything that mastering decides on, heard once."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.fusion.mixing.mastering.loudness import LoudnessMeter, gated
from services.fusion.mixing.mastering.true_peak import ROW_FRAMES, PeakEnvelope
from services.fusion.mixing.sources import Pcm

__all__ = ["Measures", "SumMeter", "decibels"]

_STEPS_PER_SECOND = 10  # gating blocks of 400 ms begin every 100 ms (BS.1770-4)
_STEPS_PER_BLOCK = 4
_STEP = 2.0**-23  # of 24 bits


@dataclass(frozen=True, eq=False)
class Measures:
    """Of a stereo sum, 8 bytes for every ROW_FRAMES frames (40 MB an hour).

    Attributes:
        loudness_lufs: integrated; None below the gate of -70 LUFS.
        sample_peak: the highest magnitude of a sample, linear; more than 1: not every sample fits into 24 bits.
        peaks: (rows,), the true peak of every row, linear.
        powers: (rows,), the K-weighted power of every row, summed over its frames.
    """

    sample_rate: int
    loudness_lufs: float | None
    sample_peak: float
    peaks: NDArray[np.float32]
    powers: NDArray[np.float32]

    @property
    def true_peak_dbtp(self) -> float | None:
        """The true peak in dB relative to full scale; None for digital silence."""
        return decibels(float(self.peaks.max(initial=0.0)))

    def loudness_after(self, gains: NDArray[np.float32]) -> float | None:
        """The integrated loudness in LUFS, if every row had its linear gain (rows,); None below the gate.

        The hundredths of a second at which gating blocks begin are moved to the nearest row: within 0.01 LU.
        """
        heard = np.append(0.0, np.cumsum(self.powers * np.square(gains, dtype=np.float64)))
        step = self.sample_rate / _STEPS_PER_SECOND / ROW_FRAMES
        edges = np.rint(np.arange(int(len(self.powers) / step) + 1) * step).astype(np.int64)
        if len(edges) <= _STEPS_PER_BLOCK:
            edges = np.array([0] * _STEPS_PER_BLOCK + [len(self.powers)])
        first, last = edges[:-_STEPS_PER_BLOCK], edges[_STEPS_PER_BLOCK:]
        return gated((heard[last] - heard[first]) / ((last - first) * ROW_FRAMES))


class SumMeter:
    """Takes a sum's blocks (frames, 2) of any length and answers its measures."""

    def __init__(self, sample_rate: int) -> None:
        """Measure at `sample_rate` Hz."""
        self._rate = sample_rate
        self._loudness, self._envelope = LoudnessMeter(sample_rate, 2), PeakEnvelope(2)
        self._sample_peak = 0.0
        self._peaks: list[NDArray[np.float32]] = []
        self._powers: list[NDArray[np.float32]] = []
        self._pending = np.zeros(0)  # power of the frames since the last whole row

    def add(self, block: Pcm) -> None:
        """Hear a block."""
        if not len(block):
            return
        power = np.concatenate([self._pending, self._loudness.add(block)])
        rows = len(power) // ROW_FRAMES
        self._pending = power[rows * ROW_FRAMES :]
        self._powers.append(_row_sums(power[: rows * ROW_FRAMES]))
        self._peaks.append(self._envelope.add(block))
        # Full scale of integers is one step lower above zero than below.
        self._sample_peak = max(self._sample_peak, float(block.max()) + _STEP, -float(block.min()))

    def measures(self) -> Measures:
        """What was heard; the sum has ended."""
        peaks = np.concatenate([*self._peaks, self._envelope.rest()])
        known = np.concatenate([*self._powers, self._pending.sum(keepdims=True, dtype=np.float32)])
        powers = np.zeros(len(peaks), np.float32)
        powers[: len(known)] = known
        return Measures(self._rate, self._loudness.integrated(), self._sample_peak, peaks, powers)


def _row_sums(power: NDArray[np.float64]) -> NDArray[np.float32]:
    sums: NDArray[np.float32] = power.reshape(-1, ROW_FRAMES).sum(axis=1).astype(np.float32)
    return sums


def decibels(linear: float) -> float | None:
    """In dB relative to 1; None for 0."""
    return 20 * math.log10(linear) if linear > 0 else None
