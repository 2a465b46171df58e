"""How much what sounds resembles each chord.

Correlation of pitch classes with the notes of each chord (T. Fujishima, ICMC 1999) and their first partials (E. Gómez,
INFORMS Journal on Computing 18, 2006). Coarser than the network, but quick to follow, and it knows what it hears where the
network has heard nothing like it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.mir.analysis.findings import Quality
from services.mir.analysis.harmony.vocabulary import NO_CHORD, QUALITIES, STATES, state_of

__all__ = ["chord_resemblance", "faintest_contrast"]

_NOTES: Final[Mapping[Quality, tuple[int, ...]]] = {
    "major": (0, 4, 7),
    "minor": (0, 3, 7),
    "dominant_seventh": (0, 4, 7, 10),
    "major_seventh": (0, 4, 7, 11),
    "minor_seventh": (0, 3, 7, 10),
    "diminished": (0, 3, 6),
}
_PARTIALS: Final = ((0, 1.0), (7, 0.3), (4, 0.12))  # semitones above a note, and how strong: the third and the fifth
_NO_RESEMBLANCE: Final = 0.6  # a correlation with the best chord that is as likely without any
_FAINTEST: Final = 1e-3  # of the loudest frame's contrast; softer ones resemble nothing


def faintest_contrast(chroma: NDArray[np.float32]) -> float:
    """What is too soft beside a track's loudest frame, of all of its pitch classes (frames, 12), to resemble anything."""
    variances = chroma.var(axis=1, dtype=np.float64)
    return _FAINTEST * float(np.sqrt(12 * variances.max(initial=0.0))) + 1e-9


def chord_resemblance(chroma: NDArray[np.float32], faintest: float) -> NDArray[np.float64]:
    """The correlation of pitch classes (frames, 12) with each chord state (frames, 73), in [-1, 1].

    It fades for frames that are about as faint as `faintest_contrast`.
    """
    contrast = chroma.astype(np.float64) - chroma.mean(axis=1, keepdims=True)
    length = np.linalg.norm(contrast, axis=1, keepdims=True)
    resemblance: NDArray[np.float64] = contrast / (length + faintest) @ _TEMPLATES.T
    resemblance[:, NO_CHORD] = _NO_RESEMBLANCE
    return resemblance


def _template(root: int, quality: Quality) -> NDArray[np.float64]:
    """Pitch classes (12,) of a chord, without mean and of unit length."""
    classes = np.zeros(12)
    for note in _NOTES[quality]:
        for interval, strength in _PARTIALS:
            classes[(root + note + interval) % 12] += strength
    classes -= classes.mean()
    unit: NDArray[np.float64] = classes / np.linalg.norm(classes)
    return unit


_TEMPLATES: Final = np.zeros((STATES, 12))
for _quality in QUALITIES:
    for _root in range(12):
        _TEMPLATES[state_of(_root, _quality)] = _template(_root, _quality)
