"""The spectral envelope: what a spectrum looks like without its harmonics."""

from __future__ import annotations

from typing import Final

import numpy as np
import scipy.fft
from numpy.typing import NDArray

__all__ = ["true_envelope"]

_FUNDAMENTALS: Final = (75.0, 600.0)  # Hz
_DETAIL: Final = 0.6  # of the fundamental's period
_VOICED: Final = 0.05  # nepers: how far the fundamental's peak stands out of a cepstrum
_ROUNDS: Final = 8

Spectra = NDArray[np.float32]


def true_envelope(levels: Spectra, rate: int) -> Spectra:
    """The smooth line over the peaks of each spectrum: float32 (spectra, bins), in nepers.

    Cepstral smoothing again and again of the larger of the spectrum and the line so far (A. Röbel and X. Rodet, "Efficient
    spectral envelope estimation and its application to pitch shifting and envelope preservation", DAFx 2005), as fine as the
    distance of the harmonics allows. The fundamental is the cepstrum's highest peak from 75 to 600 Hz (A. M. Noll, 1967).

    Args:
        levels: logarithms of magnitudes, (spectra, bins), from 0 Hz to half the sample rate.
        rate: the sample rate, in Hz.
    """
    cepstra = scipy.fft.dct(levels, type=1, axis=1)
    kept = np.arange(levels.shape[1]) < _orders(cepstra, rate)[:, None]
    line = _smoothed(cepstra, kept)
    for _ in range(_ROUNDS):
        line = _smoothed(scipy.fft.dct(np.maximum(levels, line), type=1, axis=1), kept)
    return line


def _orders(cepstra: Spectra, rate: int) -> NDArray[np.float64]:
    """How many coefficients of each cepstrum say nothing of single harmonics."""
    shortest, longest = (round(rate / fundamental) for fundamental in reversed(_FUNDAMENTALS))
    sought = cepstra[:, shortest:longest] / (2 * (cepstra.shape[1] - 1))
    periods = np.where(sought.max(axis=1) > _VOICED, shortest + sought.argmax(axis=1), shortest)
    return periods * _DETAIL


def _smoothed(cepstra: Spectra, kept: NDArray[np.bool_]) -> Spectra:
    smooth: Spectra = scipy.fft.idct(cepstra * kept, type=1, axis=1, overwrite_x=True)
    return smooth
