"""A first answer to the question for the key, before the chords are known.

Correlation of a track's pitch classes with a profile of each of the 24 keys (C. Krumhansl, "Cognitive foundations of
musical pitch", 1990), with the profiles of J. Albrecht and D. Shanahan ("The use of large corpora to train a new type of
key-finding algorithm", Music Perception 31, 2013), which tell relative keys apart better than the older ones.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.mir.analysis.findings import Key
from services.mir.analysis.harmony.degrees import KEYS
from services.mir.analysis.harmony.pitches import CENTS, Pitches, hear_pitches
from services.mir.analysis.preparation import RATE, Mono
from services.mir.analysis.progress import IsCancelled, Progress, never, unheard

__all__ = ["quick_key", "quick_key_of"]

_MAJOR: Final = (0.238, 0.006, 0.111, 0.006, 0.137, 0.094, 0.016, 0.214, 0.009, 0.080, 0.008, 0.081)
_MINOR: Final = (0.220, 0.006, 0.104, 0.123, 0.019, 0.103, 0.012, 0.214, 0.062, 0.022, 0.061, 0.052)

_TEMPERATURE: Final = 0.08  # of the shares, in units of correlation
_NO_FIT, _GOOD_FIT = 0.45, 0.70  # best correlation: of drums alone at most the one, of songs nearly always the other
_SHORTEST: Final = RATE // 2  # samples; less is a sound, not a piece in a key
_THIRD_PARTIAL: Final = 0.25  # of the note
_IN_TUNE_CENTS: Final = 25.0  # what is further from a semitone speaks for neither neighbour


def quick_key(
    mono: Mono, tuning_cents: float, progress: Progress = unheard, cancelled: IsCancelled = never
) -> Key | None:
    """The key of `mono`, float32 (samples,) at `RATE`, by its pitch classes; None if no key fits or it is under 0.5 s.

    Raises:
        Cancelled: if `cancelled` answers True.
    """
    return quick_key_of(hear_pitches(mono, progress, cancelled), tuning_cents, len(mono))


def quick_key_of(pitches: Pitches, tuning_cents: float, samples: int) -> Key | None:
    """As `quick_key`, of pitches already heard in so many samples."""
    return key_of(pitch_classes(pitches.histogram, tuning_cents)) if samples >= _SHORTEST else None


def pitch_classes(histogram: NDArray[np.float64], tuning_cents: float) -> NDArray[np.float64]:
    """What sounds within a quarter semitone of each pitch class (12,), C first, of a histogram (1200,).

    Less what is the third partial of another: without that, every note would speak for its fifth too.
    """
    centred = np.roll(histogram, 50 - round(tuning_cents)).reshape(12, CENTS // 12)
    near = np.abs(np.arange(CENTS // 12) - 50) <= _IN_TUNE_CENTS
    sounding = centred[:, near].sum(axis=1)
    classes: NDArray[np.float64] = np.maximum(0.0, sounding - _THIRD_PARTIAL * np.roll(sounding, 7))
    return classes


def key_of(classes: NDArray[np.float64]) -> Key | None:
    """The key of pitch classes (12,), C first; None if no key fits.

    The confidence is the winner's softmax share among the 24 keys, so it falls with the margin to the next ones,
    times how well the winner fits at all.
    """
    if classes.std() <= 0:
        return None
    fits = _PROFILES @ _standardised(classes)
    order = np.argsort(-fits, kind="stable")
    goodness = (float(fits[order[0]]) - _NO_FIT) / (_GOOD_FIT - _NO_FIT)
    if goodness <= 0:
        return None
    shares = np.exp((fits - fits.max()) / _TEMPERATURE) * min(1.0, goodness)
    shares /= np.exp((fits - fits.max()) / _TEMPERATURE).sum()
    best, second = order[:2]
    return Key(KEYS[best], float(shares[best]), KEYS[second], float(shares[second]))


def _standardised(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Without mean and of unit length: the scalar product of two such vectors is their correlation."""
    centred = values - values.mean()
    unit: NDArray[np.float64] = centred / np.linalg.norm(centred)
    return unit


_PROFILES: Final = np.stack(
    [_standardised(np.roll({"major": _MAJOR, "minor": _MINOR}[key.mode], key.tonic)) for key in KEYS]
)
