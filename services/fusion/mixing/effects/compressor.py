"""A feed-forward compressor with a soft knee.

D. Giannoulis, M. Massberg, J. Reiss, "Digital dynamic range compressor design: a tutorial and analysis", JAES 60 (6), 2012:
the level in decibels, the static curve, then the gain smoothed with the attack while it falls and the release while it rises.
All of that once every CONTROL_FRAMES frames; between them the gain runs straight.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.fusion.mixing.arrangement import Compressor

__all__ = ["CONTROL_FRAMES", "Compression", "static_gain_db"]

CONTROL_FRAMES: Final = 64

_KNEE_DB: Final = 6.0
_SILENT: Final = 1e-12  # power, -120 dBFS


class Compression:
    """A compressor at work, block by block; its gain follows the louder channel and moves both alike."""

    def __init__(self, compressor: Compressor, sample_rate: int, channels: int) -> None:
        """Of `channels` channels at `sample_rate` Hz."""
        self._settings = compressor
        period_ms = 1000 * CONTROL_FRAMES / sample_rate
        self._attack = 1 - math.exp(-period_ms / compressor.attack_ms)
        self._release = 1 - math.exp(-period_ms / compressor.release_ms)
        self._pending = np.zeros((0, channels))  # squares since the last whole control period
        self._gains = (0.0, 0.0)  # in dB: at the beginning and the end of the present period

    def process(self, block: NDArray[np.float64]) -> NDArray[np.float64]:
        """The next block (frames, channels), compressed; the gain of a period follows from what came before it."""
        into = len(self._pending)
        squares = np.concatenate([self._pending, np.square(block)])
        periods = len(squares) // CONTROL_FRAMES
        whole = squares[: periods * CONTROL_FRAMES].reshape(periods, CONTROL_FRAMES, block.shape[1])
        self._pending = squares[periods * CONTROL_FRAMES :]
        corners = np.array([*self._gains, *self._smoothed(whole.mean(axis=1).max(axis=1))])
        self._gains = float(corners[-2]), float(corners[-1])
        return block * self._frame_gains(corners, into, len(block))[:, None]

    def _smoothed(self, powers: NDArray[np.float64]) -> list[float]:
        """The gain in dB after each period, from its power; a sine wave of full scale has 0 dBFS."""
        levels = 10 * np.log10(np.maximum(2 * powers, _SILENT))
        gain, smoothed = self._gains[1], []
        for wanted in static_gain_db(levels, self._settings).tolist():
            gain += (self._attack if wanted < gain else self._release) * (wanted - gain)
            smoothed.append(gain)
        return smoothed

    def _frame_gains(self, corners: NDArray[np.float64], into: int, frames: int) -> NDArray[np.float64]:
        """Linear, one a frame, beginning `into` frames after the first corner."""
        linear = 10 ** ((corners + self._settings.makeup_db) / 20)
        ramp = np.arange(CONTROL_FRAMES) / CONTROL_FRAMES
        gains = linear[:-1, None] + np.diff(linear)[:, None] * ramp
        frame_gains: NDArray[np.float64] = gains.ravel()[into : into + frames]
        return frame_gains


def static_gain_db(levels_dbfs: NDArray[np.float64], compressor: Compressor) -> NDArray[np.float64]:
    """What a steady level is turned down by, in dB, at most 0, without the make-up gain."""
    over = levels_dbfs - compressor.threshold_db
    slope = 1 / compressor.ratio - 1
    knee = slope * np.square(over + _KNEE_DB / 2) / (2 * _KNEE_DB)
    gains: NDArray[np.float64] = np.where(2 * np.abs(over) <= _KNEE_DB, knee, slope * np.maximum(over, 0.0))
    return gains
