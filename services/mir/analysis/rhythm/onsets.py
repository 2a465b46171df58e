"""When something begins, in the low, the middle and the high: fine enough to place a beat to a few milliseconds.

Spectral flux of log magnitudes, half-wave rectified (S. Böck, F. Krebs, M. Schedl, "Evaluating the online capabilities of
onset detection methods", ISMIR 2012).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import scipy.fft
import scipy.signal
from numpy.typing import NDArray

from services.mir.analysis.preparation import RATE, Mono
from services.mir.analysis.progress import IsCancelled, check, never

__all__ = ["BANDS_HZ", "ONSETS_PER_SECOND", "onset_bands"]

ONSETS_PER_SECOND: Final = 210
"""Frames; frame k is centred on k / 210 s."""

BANDS_HZ: Final = ((25.0, 160.0), (160.0, 2000.0), (2000.0, 11_000.0))
"""Kick and bass; chords, voices and the snare's body; the snare's rattle and cymbals."""

_HOP: Final = RATE // ONSETS_PER_SECOND
_WINDOW: Final = 512  # samples: 23 ms
_LAG: Final = 2  # frames: about the rise of a window's energy when something begins in it
_LOUDNESS: Final = 10.0  # magnitudes are compressed above a tenth of the track's own level
_CHUNK_FRAMES: Final = 20 * ONSETS_PER_SECOND


def onset_bands(mono: Mono, cancelled: IsCancelled = never) -> NDArray[np.float32]:
    """Onset strengths (frames, 3) of the `BANDS_HZ` at `ONSETS_PER_SECOND`, at least 0, whatever the track's level.

    Raises:
        Cancelled: if `cancelled` answers True.
    """
    return np.concatenate(list(_fluxes(mono, cancelled)))


def _fluxes(mono: Mono, cancelled: IsCancelled) -> Iterator[NDArray[np.float32]]:
    """The onset strengths, 20 s at a time; each chunk's first spectra are the last ones of the chunk before."""
    frames = 1 + len(mono) // _HOP
    scale = _LOUDNESS / max(1e-9, _level(mono))
    window = scipy.signal.windows.hann(_WINDOW, sym=False).astype(np.float32) * np.float32(scale * 2 / _WINDOW)
    for first in range(0, frames, _CHUNK_FRAMES):
        check(cancelled)
        samples = _samples(mono, first, min(frames, first + _CHUNK_FRAMES))
        windows = np.lib.stride_tricks.sliding_window_view(samples, _WINDOW)[::_HOP]
        yield _flux(np.log1p(np.abs(scipy.fft.rfft(windows * window, axis=1))))


def _samples(mono: Mono, first: int, last: int) -> Mono:
    """What the windows of the frames from `first` to before `last` see, and of the `_LAG` frames before; silence around it."""
    start = (first - _LAG) * _HOP - _WINDOW // 2
    stop = (last - 1) * _HOP + _WINDOW // 2
    return np.pad(mono[max(0, start) : stop], (max(0, -start), max(0, stop - len(mono))))


def _flux(levels: NDArray[np.float32]) -> NDArray[np.float32]:
    """The mean rise (frames, bands) over `_LAG` frames of log magnitudes (`_LAG` + frames, bins)."""
    rises = np.maximum(levels[_LAG:] - levels[:-_LAG], 0.0)
    return np.stack([rises[:, low:high].mean(axis=1) for low, high in _BINS], axis=1)


def _level(mono: Mono) -> float:
    """The root of the mean square."""
    return float(np.sqrt(np.dot(mono, mono) / max(1, len(mono))))


_BINS: Final = tuple((round(low * _WINDOW / RATE), round(high * _WINDOW / RATE)) for low, high in BANDS_HZ)
