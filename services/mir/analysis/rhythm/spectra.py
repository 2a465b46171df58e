"""What the beat network hears: logarithmic spectra, and how much they grow, 50 times a second.

As BeatNet had them from madmom (S. Böck, F. Korzeniowski, J. Schlüter, F. Krebs, G. Widmer, "madmom: a new Python audio and
music signal processing library", ACM MM 2016): Hann-windowed frames of 64 ms, magnitudes through triangular filters at 24
bands an octave between 30 Hz and 17 kHz, each of area 1, then log10(1 + x); beside them the positive differences to the
frame before.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from services.mir.analysis.excerpts import excerpt
from services.mir.analysis.preparation import RATE, Mono

__all__ = ["BANDS", "HOP", "beat_frames", "beat_spectra"]

HOP: Final = 441
"""Samples from one frame to the next."""

BANDS: Final = 136
"""Bands of a spectrum; there are as many differences."""

_FRAME: Final = 1411
_BINS: Final = _FRAME // 2  # without the Nyquist frequency
_BANDS_PER_OCTAVE: Final = 24
_RANGE_HZ: Final = (30.0, 17_000.0)
_REFERENCE_HZ: Final = 440.0


def beat_frames(samples: int) -> int:
    """How many frames a signal has: frame k is centred on sample k·HOP."""
    return -(-samples // HOP)


def beat_spectra(mono: Mono, start: int, stop: int, gain: float = 1.0) -> NDArray[np.float32]:
    """The frames from `start` to before `stop` of a signal: float32 (stop - start, 2·BANDS), spectra, then differences.

    The signal is heard `gain` times as loud. The same whichever frames are asked for together; around it is silence.
    """
    before = max(start - 1, 0)
    spectra = np.log10(1 + _magnitudes(_framed(mono, before, stop)) @ (np.float32(gain) * _filters()))
    growth = np.maximum(np.diff(spectra, axis=0, prepend=spectra[:1] if before == start else spectra[:0]), 0)
    return np.hstack([spectra[start - before :], growth])


def _framed(mono: Mono, start: int, stop: int) -> NDArray[np.float32]:
    """Frames (stop - start, _FRAME), the first of them centred on sample start·HOP."""
    first = start * HOP - _FRAME // 2
    piece = excerpt(mono, first, first + (stop - 1 - start) * HOP + _FRAME)
    return np.lib.stride_tricks.sliding_window_view(piece, _FRAME)[::HOP]


def _magnitudes(frames: NDArray[np.float32]) -> NDArray[np.float32]:
    spectrum = scipy.fft.rfft(frames * np.hanning(_FRAME).astype(np.float32))
    magnitudes: NDArray[np.float32] = np.abs(spectrum[:, :_BINS])
    return magnitudes


@cache
def _filters() -> NDArray[np.float32]:
    """The filters (_BINS, BANDS): triangles from a band's centre to its neighbours'."""
    centres = np.unique(_nearest_bins(_band_frequencies()))
    filters = np.zeros((_BINS, len(centres) - 2), np.float32)
    for band, (low, centre, high) in enumerate(zip(centres, centres[1:], centres[2:], strict=False)):
        filters[low:centre, band] = np.linspace(0, 1, centre - low, endpoint=False)
        filters[centre:high, band] = np.linspace(1, 0, high - centre, endpoint=False)
    filters /= filters.sum(axis=0)
    return filters


def _band_frequencies() -> NDArray[np.float64]:
    low, high = np.log2(np.array(_RANGE_HZ) / _REFERENCE_HZ) * _BANDS_PER_OCTAVE
    return _REFERENCE_HZ * 2.0 ** (np.arange(np.ceil(low), np.floor(high) + 1) / _BANDS_PER_OCTAVE)


def _nearest_bins(frequencies: NDArray[np.float64]) -> NDArray[np.int64]:
    # madmom spaces its bins by the number it keeps, not by the frame's odd length: 0.07 % wider, and learned so.
    bins = frequencies * 2 * _BINS / RATE
    return np.clip(np.round(bins), 0, _BINS - 1).astype(np.int64)
