"""Cuts and equaliser: second-order sections after R. Bristow-Johnson, "Audio EQ Cookbook" (W3C note, 2021)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from services.fusion.mixing.arrangement import Band, Effects

__all__ = ["Equaliser", "sections"]

_Section = tuple[float, float, float, float, float, float]  # b0, b1, b2, a0, a1, a2

_BUTTERWORTH_Q: Final = math.sqrt(0.5)
_INAUDIBLE: Final = 1e-25  # below it a state only slows the processor down (denormal numbers)


class Equaliser:
    """Second-order sections in a row, block by block."""

    def __init__(self, sos: NDArray[np.float64], channels: int) -> None:
        """Filter by `sos` (sections, 6), scipy's order."""
        self._sos = sos
        self._state = np.zeros((len(sos), 2, channels))

    def process(self, block: NDArray[np.float64]) -> NDArray[np.float64]:
        """The next block (frames, channels), filtered."""
        if not len(block):
            return block
        heard: NDArray[np.float64]
        heard, self._state = signal.sosfilt(self._sos, block, axis=0, zi=self._state)
        self._state[np.abs(self._state) < _INAUDIBLE] = 0.0
        return heard


def sections(effects: Effects, sample_rate: int) -> NDArray[np.float64]:
    """The sections (n, 6) of the cuts and bands, in this order; cuts are Butterworth filters, 12 dB an octave.

    A high cut at or beyond half the sample rate cuts nothing, a band there changes nothing.
    """
    designed = []
    if effects.low_cut_hz is not None:
        designed.append(_high_pass(_angle(effects.low_cut_hz, sample_rate)))
    if effects.high_cut_hz is not None and effects.high_cut_hz < sample_rate / 2:
        designed.append(_low_pass(_angle(effects.high_cut_hz, sample_rate)))
    designed.extend(
        _SHAPES[band.shape](band, _angle(band.frequency_hz, sample_rate))
        for band in effects.bands
        if band.frequency_hz < sample_rate / 2 and band.gain_db
    )
    return np.array([np.array(section) / section[3] for section in designed]).reshape(-1, 6)


def _angle(frequency_hz: float, sample_rate: int) -> float:
    return 2 * math.pi * frequency_hz / sample_rate


def _high_pass(angle: float) -> _Section:
    cosine, alpha = math.cos(angle), math.sin(angle) / (2 * _BUTTERWORTH_Q)
    half = (1 + cosine) / 2
    return half, -2 * half, half, 1 + alpha, -2 * cosine, 1 - alpha


def _low_pass(angle: float) -> _Section:
    cosine, alpha = math.cos(angle), math.sin(angle) / (2 * _BUTTERWORTH_Q)
    half = (1 - cosine) / 2
    return half, 2 * half, half, 1 + alpha, -2 * cosine, 1 - alpha


def _peak(band: Band, angle: float) -> _Section:
    a, cosine, alpha = 10 ** (band.gain_db / 40), math.cos(angle), math.sin(angle) / (2 * band.q)
    return 1 + alpha * a, -2 * cosine, 1 - alpha * a, 1 + alpha / a, -2 * cosine, 1 - alpha / a


def _low_shelf(band: Band, angle: float) -> _Section:
    return _shelf(band, angle, math.cos(angle))


def _high_shelf(band: Band, angle: float) -> _Section:
    """The low shelf, mirrored at a quarter of the sample rate."""
    b0, b1, b2, a0, a1, a2 = _shelf(band, angle, -math.cos(angle))
    return b0, -b1, b2, a0, -a1, a2


def _shelf(band: Band, angle: float, cosine: float) -> _Section:
    a = 10 ** (band.gain_db / 40)
    root = math.sqrt(a) * math.sin(angle) / band.q
    above, below = a + 1, a - 1
    return (
        a * (above - below * cosine + root),
        2 * a * (below - above * cosine),
        a * (above - below * cosine - root),
        above + below * cosine + root,
        -2 * (below + above * cosine),
        above + below * cosine - root,
    )


_SHAPES: Final[Mapping[str, Callable[[Band, float], _Section]]] = {
    "peak": _peak,
    "low_shelf": _low_shelf,
    "high_shelf": _high_shelf,
}
