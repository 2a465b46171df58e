"""How much a chord speaks for a key.

Shares of the chords in a key, by scale degree: popular music mostly (after T. de Clercq and D. Temperley, "A corpus
analysis of rock harmony", Popular Music 30, 2011), with the secondary dominants and borrowed chords that textbooks name.
"""

from __future__ import annotations

from typing import Final, get_args

import numpy as np
from numpy.typing import NDArray

from services.mir.analysis.findings import KeyName, Mode, Quality
from services.mir.analysis.harmony.vocabulary import NO_CHORD, QUALITIES, STATES, state_of

__all__ = ["CHORD_GIVEN_KEY", "DOMINANTS", "KEYS", "TONICS"]

KEYS: Final = tuple(KeyName(tonic, mode) for mode in get_args(Mode) for tonic in range(12))
"""C major to B major, C minor to B minor."""

_ELSEWHERE: Final = 0.002  # the share of any chord that is not listed

# Semitones above the tonic -> shares by quality: major, minor, dominant, major and minor seventh, diminished.
_Shares = dict[int, tuple[float, float, float, float, float, float]]
_MAJOR: Final[_Shares] = {
    0: (0.28, 0.004, 0.015, 0.03, 0, 0),
    1: (0.004, 0, 0, 0, 0, 0),
    2: (0.035, 0.055, 0.02, 0, 0.025, 0),
    3: (0.01, 0, 0, 0, 0, 0),
    4: (0.006, 0.035, 0.006, 0, 0.01, 0),
    5: (0.17, 0.02, 0.004, 0.02, 0, 0),
    6: (0, 0, 0, 0, 0, 0.004),
    7: (0.14, 0.008, 0.06, 0, 0, 0),
    8: (0.012, 0, 0, 0, 0, 0),
    9: (0.006, 0.10, 0.006, 0, 0.02, 0),
    10: (0.03, 0, 0, 0, 0, 0),
    11: (0, 0, 0, 0, 0, 0.012),
}
_MINOR: Final[_Shares] = {
    0: (0.01, 0.28, 0.006, 0, 0.03, 0),
    1: (0.008, 0, 0, 0, 0, 0),
    2: (0.003, 0.004, 0.003, 0, 0, 0.02),
    3: (0.08, 0, 0.003, 0.008, 0, 0),
    5: (0.015, 0.11, 0.005, 0, 0.02, 0),
    7: (0.07, 0.05, 0.06, 0, 0.01, 0),
    8: (0.10, 0, 0, 0.012, 0, 0),
    9: (0, 0, 0, 0, 0, 0.004),
    10: (0.09, 0.003, 0.012, 0, 0, 0),
    11: (0, 0, 0, 0, 0, 0.02),
}


def _log_shares(key: KeyName) -> NDArray[np.float64]:
    """Log probability of each chord state in a key (73,); 0 where no chord sounds, which speaks for no key."""
    shares = np.full(STATES, _ELSEWHERE)
    for degree, row in (_MAJOR if key.mode == "major" else _MINOR).items():
        for quality, share in zip(QUALITIES, row, strict=True):
            shares[state_of(key.tonic + degree, quality)] += share
    logs: NDArray[np.float64] = np.log(shares / shares[1:].sum())
    logs[NO_CHORD] = 0.0
    return logs


def _is_one_of(key: KeyName, degree: int, qualities: tuple[Quality, ...]) -> NDArray[np.bool_]:
    """Which states (73,) are the chord on a degree of a key."""
    found = np.zeros(STATES, bool)
    found[[state_of(key.tonic + degree, quality) for quality in qualities]] = True
    return found


_TONIC_CHORDS: Final[dict[Mode, tuple[Quality, ...]]] = {
    "major": ("major", "major_seventh"),
    "minor": ("minor", "minor_seventh"),
}

CHORD_GIVEN_KEY: Final = np.stack([_log_shares(key) for key in KEYS])
"""Log probability of a chord in a key: (24, 73)."""

DOMINANTS: Final = np.stack([_is_one_of(key, 7, ("major", "dominant_seventh")) for key in KEYS])
"""Whether a chord is the dominant of a key: (24, 73)."""

TONICS: Final = np.stack([_is_one_of(key, 0, _TONIC_CHORDS[key.mode]) for key in KEYS])
"""Whether a chord is the tonic of a key: (24, 73)."""
