"""How much each pitch class sounds, frame by frame.

T. Fujishima, "Realtime chord recognition of musical sound" (ICMC 1999), from constant-Q magnitudes in the track's own
tuning. What stands out from the semitones around counts, so that drums, which fill them all, do not.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d

__all__ = ["chord_chroma"]

_BINS_PER_SEMITONE: Final = 3
_LOWEST, _HIGHEST = 12, 60  # semitones above C1: C2 to B5
_AROUND: Final = 13  # semitones


def chord_chroma(spectra: NDArray[np.float32]) -> NDArray[np.float32]:
    """Pitch classes (frames, 12), C first, at least 0, of `chord_spectra`'s magnitudes (frames, 252).

    Square roots of magnitudes, so that a loud bass does not outvote the chords.
    """
    # The first bin is the middle of the lowest note.
    centred = np.pad(spectra, ((0, 0), (1, 0)))[:, : spectra.shape[1]]
    notes = np.sqrt(centred.reshape(len(spectra), -1, _BINS_PER_SEMITONE).sum(axis=2))
    standing_out = np.maximum(0, notes - uniform_filter1d(notes, _AROUND, axis=1, mode="nearest"))
    octaves = standing_out[:, _LOWEST:_HIGHEST].reshape(len(spectra), -1, 12)
    chroma: NDArray[np.float32] = octaves.sum(axis=1)
    return chroma
