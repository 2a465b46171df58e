"""How the instruments are tuned.

The commonest deviation of spectral peaks from the semitones of A = 440 Hz, found as the mode of a smoothed circular
histogram: a mean would be pulled by the partials that no temperament has (the fifth is 14, the seventh 31 cents flat).
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.mir.analysis.harmony.pitches import Pitches, hear_pitches
from services.mir.analysis.preparation import Mono
from services.mir.analysis.progress import IsCancelled, Progress, never, unheard

__all__ = ["estimate_tuning"]

_SEMITONE: Final = 100  # cents
_KERNEL_CENTS: Final = 6.0  # standard deviation: vibrato and the window blur a pitch about as much
# Of the sum of all deviations as vectors, in standard deviations of what chance makes of it (Rayleigh's test): drums come to
# 2.2 in 12 s, dense orchestras to 4.
_LEAST_FOCUS: Final = 3.0


def estimate_tuning(mono: Mono, progress: Progress = unheard, cancelled: IsCancelled = never) -> float | None:
    """The deviation from A = 440 Hz in cents, [-50, 50); None where nothing has a pitch.

    `mono`: float32 (samples,) at `RATE`.

    Raises:
        Cancelled: if `cancelled` answers True.
    """
    return tuning_of(hear_pitches(mono, progress, cancelled))


def tuning_of(pitches: Pitches) -> float | None:
    """As `estimate_tuning`, of pitches already heard."""
    spectrum = np.fft.rfft(pitches.histogram.reshape(-1, _SEMITONE).sum(axis=0))
    if abs(spectrum[1]) <= _LEAST_FOCUS * np.sqrt(pitches.squares):
        return None
    order = np.arange(len(spectrum))
    blur = np.exp(-0.5 * (2 * np.pi * order * _KERNEL_CENTS / _SEMITONE) ** 2)
    return _mode(np.fft.irfft(spectrum * blur))


def _mode(density: NDArray[np.float64]) -> float:
    """Where a circular density (100,) is greatest, between the bins, in [-50, 50)."""
    best = int(density.argmax())
    left, centre, right = (density[(best + side) % _SEMITONE] for side in (-1, 0, 1))
    shift = 0.5 * (left - right) / (left - 2 * centre + right)
    return float((best + shift + _SEMITONE / 2) % _SEMITONE - _SEMITONE / 2)
