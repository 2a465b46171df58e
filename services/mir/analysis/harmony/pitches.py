"""Which pitches sound, as a histogram over the octave.

Spectral peaks as in E. Gómez, "Tonal description of polyphonic audio for music content processing" (INFORMS Journal
on Computing 18, 2006): from them follow both the tuning and the pitch classes. Square roots are summed rather than
magnitudes, so that a loud bass does not outvote the chords.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from services.mir.analysis.excerpts import excerpt
from services.mir.analysis.preparation import RATE, Mono
from services.mir.analysis.progress import IsCancelled, Progress, check, never, unheard

__all__ = ["CENTS", "Pitches", "hear_pitches"]

CENTS: Final = 1200  # of an octave, and bins of the histogram

_WINDOW: Final = 8192  # samples: long enough to tell cents apart at the bottom of the range
_HOP: Final = 4096
_BEFORE: Final = _WINDOW // 4  # samples of silence before the first sample, and at least as many after the last
_RANGE_HZ: Final = (80.0, 2000.0)
_CHUNK_FRAMES: Final = 128  # 24 s
_SOFTEST: Final = 0.1  # of the frame's strongest peak
_INAUDIBLE: Final = 1e-5  # amplitude of a sine wave
_C0_HZ: Final = 440.0 * 2.0 ** (-57 / 12)


@dataclass(frozen=True)
class Pitches:
    """The spectral peaks between 80 and 2000 Hz.

    Attributes:
        histogram: their weights by pitch, octaves folded: (1200,), bin k is k cents above the C of A = 440 Hz. All 0 for
            silence.
        squares: the sum of the squares of the weights, which tells how many there are.
    """

    histogram: NDArray[np.float64]
    squares: float


def hear_pitches(mono: Mono, progress: Progress = unheard, cancelled: IsCancelled = never) -> Pitches:
    """The pitches of `mono`, float32 (samples,) at `RATE`.

    Raises:
        Cancelled: if `cancelled` answers True.
    """
    histogram, squares = np.zeros(CENTS), 0.0
    for spectra in _spectra(mono, progress, cancelled):
        hertz, amplitudes = _peaks(spectra)
        cents = np.round(CENTS * np.log2(hertz / _C0_HZ)).astype(np.int64) % CENTS
        histogram += np.bincount(cents, np.sqrt(amplitudes), CENTS)
        squares += float(amplitudes.sum())
    return Pitches(histogram, squares)


def _spectra(mono: Mono, progress: Progress, cancelled: IsCancelled) -> Iterator[NDArray[np.float32]]:
    """Amplitude spectra (frames, bins) up to the top of the range, some seconds at a time; a sine wave's is its own."""
    frames = 1 + max(0, len(mono) + 2 * _BEFORE - _WINDOW) // _HOP
    window = np.hanning(_WINDOW + 1)[:-1].astype(np.float32)
    top = round(_RANGE_HZ[1] * _WINDOW / RATE) + 2
    for first in range(0, frames, _CHUNK_FRAMES):
        check(cancelled)
        last = min(first + _CHUNK_FRAMES, frames)
        piece = excerpt(mono, first * _HOP - _BEFORE, (last - 1) * _HOP + _WINDOW - _BEFORE)
        chunk = sliding_window_view(piece, _WINDOW)[::_HOP] * window
        yield np.abs(np.fft.rfft(chunk, axis=1)[:, :top]) * (2 / window.sum())
        progress(last / frames)


def _peaks(spectra: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Frequencies in Hz and amplitudes of the peaks, by the parabola through three points in decibels."""
    low = round(_RANGE_HZ[0] * _WINDOW / RATE)
    here, before, after = spectra[:, low:-1], spectra[:, low - 1 : -2], spectra[:, low + 1 :]
    threshold = np.maximum(_INAUDIBLE, _SOFTEST * here.max(axis=1, keepdims=True))
    frame, place = np.nonzero((here > before) & (here >= after) & (here > threshold))
    left, centre, right = (np.log(side[frame, place].astype(np.float64) + 1e-12) for side in (before, here, after))
    shift = 0.5 * (left - right) / (left - 2 * centre + right)
    return (low + place + shift) * RATE / _WINDOW, np.exp(centre - 0.25 * (left - right) * shift)
