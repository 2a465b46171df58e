"""How alike the bars of a song are, every one with every other.

The self-similarity matrix of J. Foote, "Automatic audio segmentation using a measure of audio novelty", ICME 2000, of timbre
(mel-frequency cepstra) and of harmony (chroma, or the chords themselves where they are known).
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.mir.analysis.form.bars import Bars

__all__ = ["harmony_likeness", "timbre_likeness"]

Signal = NDArray[np.float64]

# Fitted to synthesised songs: those of one loop were to remain in one part.
_TIMBRE_WIDTHS: Final = (4.0, 9.0)  # dB: the least and the most
_HARMONY_WIDTHS: Final = (0.18, 0.4)  # Hellinger distance
_WIDTH: Final = 1.75  # of the distance to
_REPETITIONS: Final = 3  # bars, the most alike ones


def timbre_likeness(bars: Bars) -> Signal:
    """How alike any two bars sound, (bars, bars) in [0, 1], 1 on the diagonal."""
    return _alike(_squared_distances(bars.cepstrum), *_TIMBRE_WIDTHS)


def harmony_likeness(bars: Bars) -> Signal:
    """How alike the pitch classes of any two bars are, (bars, bars) in [0, 1], 1 on the diagonal."""
    return _alike(_squared_distances(np.sqrt(bars.chroma)), *_HARMONY_WIDTHS)


def _alike(distances: Signal, narrowest: float, widest: float) -> Signal:
    """A Gaussian kernel as wide as repetitions of a bar differ in this song: the improvisers' bars never come back the same."""
    nearest = np.sort(distances, axis=1)[:, : _REPETITIONS + 1]  # the first is the bar itself
    usual = float(np.sqrt(np.median(nearest[:, -1])))
    width = float(np.clip(_WIDTH * usual, narrowest, widest))
    alike: Signal = np.exp(-distances / (2 * width**2))
    return alike


def _squared_distances(points: Signal) -> Signal:
    squares = np.square(points).sum(axis=1)
    distances: Signal = np.maximum(0.0, squares[:, None] + squares[None, :] - 2 * points @ points.T)
    return distances
