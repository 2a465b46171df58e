"""The chords that are told apart, as states 0 to 72: no chord, and twelve roots of each quality.

The network's 73 triads and 4 sevenths (J. Jiang, K. Chen, W. Li, G. Xia, "Large-vocabulary chord transcription via
chord structure decomposition", ISMIR 2019) are brought to the qualities of `findings.Quality`.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.mir.analysis.activations import ChordActivations
from services.mir.analysis.findings import Quality

__all__ = ["NO_CHORD", "QUALITIES", "STATES", "chord_probabilities", "quality_of", "root_of", "state_of"]

QUALITIES: Final[tuple[Quality, ...]] = (
    "major",
    "minor",
    "dominant_seventh",
    "major_seventh",
    "minor_seventh",
    "diminished",
)
STATES: Final = 1 + 12 * len(QUALITIES)
NO_CHORD: Final = 0

_FAINTEST: Final = 1e-4  # so that no single frame can rule a chord out


def root_of(state: int) -> int | None:
    """The pitch class of a state's root, None where no chord sounds."""
    return None if state == NO_CHORD else (state - 1) % 12


def quality_of(state: int) -> Quality:
    """The quality of a state's chord."""
    return "none" if state == NO_CHORD else QUALITIES[(state - 1) // 12]


def state_of(root: int | None, quality: Quality) -> int:
    """The state of a chord; `root` may be any whole number of semitones above C."""
    return NO_CHORD if root is None or quality == "none" else 1 + 12 * QUALITIES.index(quality) + root % 12


def chord_probabilities(heard: ChordActivations) -> NDArray[np.float64]:
    """The probability of each state in each frame: (frames, 73), rows sum to about 1, none is 0.

    Suspended and augmented triads go to the major and minor triad of their root, as much as each of these sounds too.
    """
    triad, seventh = heard.triad.astype(np.float64), heard.seventh.astype(np.float64)
    nothing = triad[:, :1]
    major, minor, fourth, second, diminished, augmented = (triad[:, 1 + 12 * n : 13 + 12 * n] for n in range(6))
    in_between, leaning = fourth + second, (major + 1e-6) / (major + minor + 2e-6)
    major = major + in_between * leaning + augmented
    minor = minor + in_between * (1 - leaning)
    major_seventh, minor_seventh = seventh[:, 1:2], seventh[:, 2:3]
    plain = 1 - major_seventh - minor_seventh
    states = (
        nothing,
        major * plain,
        minor * (1 - minor_seventh),
        major * minor_seventh,
        major * major_seventh,
        minor * minor_seventh,
        diminished,
    )
    return np.maximum(np.concatenate(states, axis=1), _FAINTEST)
