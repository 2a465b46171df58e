"""Which key a track is in.

Correlation of its pitch classes with a profile of each of the 24 keys (C. Krumhansl, "Cognitive foundations of
musical pitch", 1990), with the profiles of J. Albrecht and D. Shanahan ("The use of large corpora to train a new
type of key-finding algorithm", Music Perception 31, 2013), which tell relative keys apart better than the older
ones: 96 of 96 synthesised songs, against 83 with Krumhansl and Kessler's and 74 with Temperley's.
"""

from __future__ import annotations

from typing import Final, get_args

import numpy as np
from numpy.typing import NDArray

from services.mir.analysis.findings import Key, KeyName, Mode

__all__ = ["estimate_key"]

_MAJOR: Final = (0.238, 0.006, 0.111, 0.006, 0.137, 0.094, 0.016, 0.214, 0.009, 0.080, 0.008, 0.081)
_MINOR: Final = (0.220, 0.006, 0.104, 0.123, 0.019, 0.103, 0.012, 0.214, 0.062, 0.022, 0.061, 0.052)

_TEMPERATURE: Final = 0.08  # of the shares, in units of correlation
_NO_FIT, _GOOD_FIT = (
    0.45,
    0.70,
)  # best correlation: of drums alone at most the one, of songs nearly always the other
_LEAST_CONTRAST: Final = 0.03  # standard deviation over mean of the pitch classes; white noise has 0.01


def estimate_key(classes: NDArray[np.float64]) -> Key | None:
    """The key of pitch classes (12,), C first, as `pitch_classes` weighs them; None if no key fits.

    The confidence is the winner's softmax share among the 24 keys, so it falls with the margin to the next ones,
    times how well the winner fits at all.
    """
    mean = float(classes.mean())
    if mean <= 0 or float(classes.std()) / mean < _LEAST_CONTRAST:
        return None
    fits = _KEY_PROFILES @ _standardised(classes)
    order = np.argsort(-fits, kind="stable")
    goodness = (float(fits[order[0]]) - _NO_FIT) / (_GOOD_FIT - _NO_FIT)
    if goodness <= 0:
        return None
    share = 1.0 / float(np.exp((fits - fits.max()) / _TEMPERATURE).sum())
    return Key(_KEYS[order[0]], share * min(1.0, goodness), _KEYS[order[1]])


def _standardised(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Without mean and of unit length: the scalar product of two such vectors is their correlation."""
    centred = values - values.mean()
    unit: NDArray[np.float64] = centred / np.linalg.norm(centred)
    return unit


_KEYS: Final = tuple(KeyName(tonic, mode) for mode in get_args(Mode) for tonic in range(12))
_KEY_PROFILES: Final = np.stack(
    [_standardised(np.roll(profile, tonic)) for profile in (_MAJOR, _MINOR) for tonic in range(12)]
)
