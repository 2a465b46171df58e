"""Where a voice stands between left and right.

The equal-power law of the W3C Web Audio API's StereoPannerNode (section 1.31.4), so that a preview in the browser and the
rendered file agree:

- Mono: left `cos x`, right `sin x`, with x from 0 to pi/2. The power is constant; in the middle each side has -3 dB.
- Stereo: the middle changes nothing. Panning to one side fades the other side's channel over to it, at equal power, so
  that nothing is lost.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from services.fusion.mixing.sources import Pcm

__all__ = ["pan_matrix", "place"]


def pan_matrix(channels: int, pan: float) -> NDArray[np.float64]:
    """Gains (channels, 2) from each channel of a voice (1 or 2) to left and right; `pan` in [-1, 1]."""
    if channels == 1:
        angle = (pan + 1) * math.pi / 4
        return np.array([[math.cos(angle), math.sin(angle)]])
    angle = (pan + 1 if pan <= 0 else pan) * math.pi / 2
    if pan <= 0:
        return np.array([[1.0, 0.0], [math.cos(angle), math.sin(angle)]])
    return np.array([[math.cos(angle), math.sin(angle)], [0.0, 1.0]])


def place(block: Pcm | NDArray[np.float64], gain_db: float, pan: float) -> NDArray[np.float64]:
    """A voice's block (frames, 1 or 2) as it adds to the mix: (frames, 2), after gain and pan."""
    if block.shape[1] == 2 and pan == 0:
        # The matrix would be exact only up to cos(pi/2), and an untouched voice is the commonest one.
        return block * np.float64(_gain(gain_db))
    placed: NDArray[np.float64] = block @ (_gain(gain_db) * pan_matrix(block.shape[1], pan))
    return placed


def _gain(decibels: float) -> float:
    return float(10 ** (decibels / 20))
