"""Which pitch classes sound, and how the instruments are tuned.

Constant-Q magnitudes (C. Schörkhuber and A. Klapuri, "Constant-Q transform toolbox for music processing", SMC
2010, by librosa), three bins a semitone, shifted to the track's own tuning. Square roots are summed rather than
magnitudes, so that a loud bass does not outvote the chords.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import librosa
import numpy as np
from numpy.typing import NDArray

from services.mir.analysis.preparation import RATE, Mono
from services.mir.analysis.progress import IsCancelled, Progress, check, never, unheard

__all__ = ["estimate_tuning", "pitch_classes"]

_OCTAVES: Final = 7
_BINS_PER_SEMITONE: Final = 3
_LOWEST_HZ: Final = 32.703  # C1
_HOP: Final = 2048  # samples: 93 ms; keys do not change faster
_CHUNK: Final = 60 * RATE
_SHORTEST: Final = 1024 << (_OCTAVES - 1)  # samples: the top octave's window, halved in rate for every octave below
_TUNING_WINDOW: Final = 8192  # long enough to tell cents apart at the bottom of the range
_TUNING_HOP: Final = 4096
_TUNING_RANGE_HZ: Final = (80.0, 2000.0)


def estimate_tuning(mono: Mono, progress: Progress = unheard, cancelled: IsCancelled = never) -> float | None:
    """The deviation from A = 440 Hz in cents, [-50, 50); None where nothing has a pitch.

    The commonest fraction of a semitone among the interpolated spectral peaks between 80 and 2000 Hz that are at
    least of median strength.

    Raises:
        Cancelled: if `cancelled` answers True.
    """
    found = [_spectral_peaks(chunk) for chunk in _chunks(mono, _TUNING_WINDOW, progress, cancelled)]
    pitches = np.concatenate([pitch for pitch, _ in found]) if found else np.zeros(0)
    strengths = np.concatenate([strength for _, strength in found]) if found else np.zeros(0)
    if not len(pitches):
        return None
    loud = pitches[strengths >= np.median(strengths)]
    return 100.0 * float(librosa.pitch_tuning(loud, resolution=0.01))


def pitch_classes(
    mono: Mono, tuning_cents: float, progress: Progress = unheard, cancelled: IsCancelled = never
) -> NDArray[np.float64]:
    """How much each pitch class sounds over the whole track: (12,), C first, sum 1 (all 0 for silence).

    Raises:
        Cancelled: if `cancelled` answers True.
    """
    total = np.zeros(12)
    for chunk in _chunks(mono, _SHORTEST, progress, cancelled):
        total += _fold(_constant_q(chunk, tuning_cents))
    return total / total.sum() if total.any() else total


def _chunks(mono: Mono, shortest: int, progress: Progress, cancelled: IsCancelled) -> Iterator[Mono]:
    """Whole minutes, and a rest that is at least `shortest` samples long (zeros are added)."""
    for start in range(0, len(mono), _CHUNK):
        check(cancelled)
        chunk = mono[start : start + _CHUNK]
        yield np.pad(chunk, (0, max(0, shortest - len(chunk))))
        progress(min(1.0, (start + _CHUNK) / len(mono)))


def _spectral_peaks(chunk: Mono) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Frequencies in Hz and magnitudes of a chunk's spectral peaks."""
    low, high = _TUNING_RANGE_HZ
    pitches, magnitudes = librosa.piptrack(
        y=chunk, sr=RATE, n_fft=_TUNING_WINDOW, hop_length=_TUNING_HOP, fmin=low, fmax=high
    )
    found = pitches > 0
    return pitches[found].astype(np.float64), magnitudes[found].astype(np.float64)


def _constant_q(chunk: Mono, tuning_cents: float) -> NDArray[np.float32]:
    """Constant-Q magnitudes (bins, frames); the middle one of each three bins is in tune."""
    bins = 12 * _BINS_PER_SEMITONE
    transform = librosa.cqt(
        chunk,
        sr=RATE,
        hop_length=_HOP,
        fmin=_LOWEST_HZ,
        n_bins=_OCTAVES * bins,
        bins_per_octave=bins,
        tuning=tuning_cents / 100 * _BINS_PER_SEMITONE,
    )
    magnitudes: NDArray[np.float32] = np.abs(transform)
    return magnitudes


def _fold(magnitudes: NDArray[np.float32]) -> NDArray[np.float64]:
    """Sum over frames and octaves of the square roots of each pitch class's magnitude (12,)."""
    centred = np.roll(magnitudes.reshape(_OCTAVES, 12 * _BINS_PER_SEMITONE, -1), 1, axis=1)
    notes = centred.reshape(_OCTAVES, 12, _BINS_PER_SEMITONE, -1).sum(axis=2)
    folded: NDArray[np.float64] = np.sqrt(notes).sum(axis=(0, 2), dtype=np.float64)
    return folded
