"""Integrated loudness, ITU-R BS.1770-4, block by block in constant memory.

The K-weighting is computed for any sample rate from the analogue prototype (B. De Man, "Evaluation of
implementations of the EBU R128 loudness measurement", AES 145, 2018); at 48 kHz it equals the coefficients of the
recommendation. Services share no code, so fusion and mir each have this meter.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import signal

__all__ = ["LoudnessMeter", "gated", "lufs"]

Pcm = NDArray[np.float32]

_STEPS_PER_SECOND: Final = 10  # gating blocks of 400 ms overlap by 75 %: a new one every 100 ms
_STEPS_PER_BLOCK: Final = 4
_ABSOLUTE_GATE: Final = -70.0  # LUFS
_RELATIVE_GATE: Final = -10.0  # LU
_OFFSET: Final = -0.691  # makes a 997 Hz sine at 0 dBFS in one channel read -3.01 LUFS


class LoudnessMeter:
    """Takes blocks of PCM of any length and answers the integrated loudness of everything so far."""

    def __init__(self, sample_rate: int, channels: int) -> None:
        """Measure `channels` channels at `sample_rate` Hz; five and six are taken for L R C (LFE) Ls Rs."""
        self._rate = sample_rate
        self._weights = np.array(
            {5: [1, 1, 1, 1.41, 1.41], 6: [1, 1, 1, 0, 1.41, 1.41]}.get(channels, [1.0] * channels)
        )
        self._filter = _k_weighting(sample_rate)
        self._state = np.zeros((len(self._filter), 2, channels))
        self._pending = np.zeros(0)  # weighted power of the frames since the last whole step
        self._steps: list[float] = []  # energy of every 100 ms
        self._frames = 0

    def add(self, block: Pcm) -> NDArray[np.float64]:
        """Hear a block of float PCM (frames, channels) in [-1, 1]; return the K-weighted power of each of its frames."""
        if not len(block):
            return np.zeros(0)
        heard, self._state = signal.sosfilt(self._filter, block, axis=0, zi=self._state)
        power: NDArray[np.float64] = np.square(heard) @ self._weights
        self._pending = np.concatenate([self._pending, power])
        self._frames += len(block)
        used = 0
        while used + (length := self._step_length()) <= len(self._pending):
            self._steps.append(float(self._pending[used : used + length].sum()))
            used += length
        self._pending = self._pending[used:]
        return power

    def integrated(self) -> float | None:
        """The integrated loudness in LUFS; None if everything lies below the gate of -70 LUFS.

        A signal shorter than one block of 400 ms, for which the recommendation says nothing, is taken as one
        block of its own length.
        """
        powers = self.block_powers(_STEPS_PER_BLOCK)
        if not len(powers) and self._frames:
            powers = np.array([(sum(self._steps) + float(self._pending.sum())) / self._frames])
        return gated(powers)

    def block_powers(self, steps: int) -> NDArray[np.float64]:
        """Mean K-weighted power of every block of `steps` x 100 ms, one beginning every 100 ms; without a whole one none."""
        if len(self._steps) < steps:
            return np.zeros(0)
        frames = steps * self._rate / _STEPS_PER_SECOND
        return np.convolve(np.array(self._steps), np.ones(steps), "valid") / frames

    def _step_length(self) -> int:
        """Frames of the next step; at rates that ten does not divide they differ by one."""
        n = len(self._steps)
        return (n + 1) * self._rate // _STEPS_PER_SECOND - n * self._rate // _STEPS_PER_SECOND


def gated(powers: NDArray[np.float64]) -> float | None:
    """The integrated loudness in LUFS of gating blocks with these mean powers; None if all lie below the gate of -70 LUFS."""
    loud = powers[lufs(powers) >= _ABSOLUTE_GATE]
    if not len(loud):
        return None
    loud = loud[lufs(loud) > float(lufs(loud.mean())) + _RELATIVE_GATE]
    return float(lufs(loud.mean()))


def lufs(power: NDArray[np.float64] | np.float64) -> NDArray[np.float64]:
    """K-weighted mean power in LUFS, of the same shape."""
    # The floor keeps the logarithm finite; it lies far below the gate.
    return np.asarray(_OFFSET + 10 * np.log10(np.maximum(power, 1e-30)))


def _k_weighting(rate: int) -> NDArray[np.float64]:
    """Second-order sections (2, 6): the head's shelf, then the high pass "RLB"."""
    k = math.tan(math.pi * 1681.974450955533 / rate)
    q = 0.7071752369554196
    high = 10 ** (3.999843853973347 / 20)
    band = high**0.4996667741545416
    norm = 1 + k / q + k * k
    shelf = [
        (high + band * k / q + k * k) / norm,
        2 * (k * k - high) / norm,
        (high - band * k / q + k * k) / norm,
        1.0,
        2 * (k * k - 1) / norm,
        (1 - k / q + k * k) / norm,
    ]
    k = math.tan(math.pi * 38.13547087602444 / rate)
    q = 0.5003270373238773
    norm = 1 + k / q + k * k
    rumble = [1.0, -2.0, 1.0, 1.0, 2 * (k * k - 1) / norm, (1 - k / q + k * k) / norm]
    return np.array([shelf, rumble])
