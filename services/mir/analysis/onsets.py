"""How strongly something begins, moment by moment.

Spectral flux on a mel scale in decibels, half-wave rectified (S. Böck and G. Widmer, "Maximum filter vibrato
suppression for onset detection", DAFx 2013, without the maximum filter), less its moving mean.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import librosa
import numpy as np
from numpy.typing import NDArray

from services.mir.analysis.preparation import RATE, Mono
from services.mir.analysis.progress import IsCancelled, Progress, check, never, unheard

__all__ = ["FRAMES_PER_SECOND", "onset_strength"]

FRAMES_PER_SECOND: Final = 50

_HOP: Final = RATE // FRAMES_PER_SECOND
_WINDOW: Final = 2048  # samples: 93 ms
_BANDS: Final = 80
_RANGE_DB: Final = 70.0  # below the loudest band of the track nothing is heard
_LAG: Final = 2  # frames: onsets in the low bands take about 40 ms to build up
_FIRST: Final = 5  # frames: before, a spectrum or its predecessor reaches back to before the track began
_CHUNK_FRAMES: Final = 20 * FRAMES_PER_SECOND


def onset_strength(mono: Mono, progress: Progress = unheard, cancelled: IsCancelled = never) -> NDArray[np.float64]:
    """Onset strength (frames,), at least 0, in dB per band, at `FRAMES_PER_SECOND`.

    `mono`: float32 (samples,) at `RATE`. Its spectra are taken 20 s at a time, so that memory stays small.

    Raises:
        Cancelled: if `cancelled` answers True.
    """
    bands = np.concatenate(list(_mel_spectra(mono, progress, cancelled)), axis=1)
    level = 10 * np.log10(np.maximum(bands, max(1e-12, float(bands.max()) * 10 ** (-_RANGE_DB / 10))))
    flux = np.zeros(level.shape[1])
    flux[_LAG:] = np.maximum(0.0, level[:, _LAG:] - level[:, :-_LAG]).mean(axis=0)
    flux[:_FIRST] = 0.0
    average = np.ones(FRAMES_PER_SECOND) / FRAMES_PER_SECOND
    moving_mean = np.convolve(flux, average, "full")[FRAMES_PER_SECOND // 2 :][: len(flux)]
    strength: NDArray[np.float64] = np.maximum(0.0, flux - moving_mean)
    return strength


def _mel_spectra(mono: Mono, progress: Progress, cancelled: IsCancelled) -> Iterator[NDArray[np.float32]]:
    """Mel power spectra (bands, frames), chunk by chunk; frames are centred on multiples of the hop."""
    weights = librosa.filters.mel(sr=RATE, n_fft=_WINDOW, n_mels=_BANDS, fmin=30.0, fmax=10_000.0)
    padded = np.pad(mono, _WINDOW // 2)
    frames = 1 + len(mono) // _HOP
    for first in range(0, frames, _CHUNK_FRAMES):
        check(cancelled)
        last = min(frames, first + _CHUNK_FRAMES) - 1
        chunk = padded[first * _HOP : last * _HOP + _WINDOW]
        spectrum = librosa.stft(chunk, n_fft=_WINDOW, hop_length=_HOP, center=False)
        yield weights @ np.square(np.abs(spectrum))
        progress((last + 1) / frames)
