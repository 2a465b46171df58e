"""The spectral envelope: what a spectrum looks like without its harmonics."""

from __future__ import annotations

from typing import Final

import numpy as np
import scipy.fft
from numpy.typing import NDArray

__all__ = ["true_envelope"]

_ROUNDS: Final = 8

Spectra = NDArray[np.float32]


def true_envelope(levels: Spectra, order: int) -> Spectra:
    """The smooth line over the peaks of each spectrum: float32 (spectra, bins), in the units of `levels`.

    Cepstral smoothing again and again of the larger of the spectrum and the line so far (Imai and Abe, 1979; A. Röbel and
    X. Rodet, "Efficient spectral envelope estimation and its application to pitch shifting and envelope preservation",
    DAFx 2005).

    Args:
        levels: logarithms of magnitudes, (spectra, bins), from 0 Hz to half the sample rate.
        order: how many coefficients of the cepstrum are kept: at most the sample rate over twice the fundamental.
    """
    line = _smoothed(levels, order)
    for _ in range(_ROUNDS):
        line = _smoothed(np.maximum(levels, line), order)
    return line


def _smoothed(levels: Spectra, order: int) -> Spectra:
    cepstra = scipy.fft.dct(levels, type=1, axis=1)
    cepstra[:, order:] = 0
    smooth: Spectra = scipy.fft.idct(cepstra, type=1, axis=1, overwrite_x=True)
    return smooth
