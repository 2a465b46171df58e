"""Which key holds when, from the chords.

A hidden Markov model over the 24 keys (after D. Temperley, "Music and Probability", MIT Press 2007, with chords in place
of pitch-class sets): each chord speaks for the keys it belongs to, a cadence for the key it closes in, the first and the
last chord for the key they are the tonic of; a change of key has its price, so that a borrowed chord is no modulation.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.mir.analysis.findings import Chord, Key, KeySection
from services.mir.analysis.harmony.decoding import likeliest_path
from services.mir.analysis.harmony.degrees import CHORD_GIVEN_KEY, DOMINANTS, KEYS, TONICS
from services.mir.analysis.harmony.vocabulary import state_of

__all__ = ["hear_keys"]

_LONGEST: Final = 3.0  # seconds; a chord that is held longer says no more
_CADENCE: Final = 1.0  # nats for a dominant that goes to the tonic
_BEGINNING, _ENDING = 2.0, 0.7  # nats for a tonic as the first, as the last chord
_MODULATION: Final = 9.5  # nats: the price of a change of key,
_ARRIVAL: Final = 3.0  # and how much less it is where the new key begins with its tonic


def hear_keys(chords: Sequence[Chord], seconds: float) -> tuple[Key | None, tuple[KeySection, ...]]:
    """The key that holds longest, and the keys in time; nothing where no chord sounds.

    The sections follow each other without gaps from 0 to `seconds`; keys change where chords do.
    """
    sounding = [chord for chord in chords if chord.root is not None]
    if not sounding:
        return None, ()
    evidence = key_evidence(sounding)
    prices: NDArray[np.float64] = _MODULATION - _ARRIVAL * _tonics(sounding).astype(np.float64)
    path = likeliest_path(evidence, prices)
    firsts = np.flatnonzero(np.diff(path, prepend=-1))
    starts = [0.0, *(sounding[first].start for first in firsts[1:])]
    sums = np.add.reduceat(evidence, firsts)
    sections = tuple(
        KeySection(start, end, KEYS[path[first]], _confidence(_margin(total, path[first])))
        for start, end, first, total in zip(starts, [*starts[1:], seconds], firsts, sums, strict=True)
    )
    return _longest(sections, sums), sections


def key_evidence(chords: Sequence[Chord]) -> NDArray[np.float64]:
    """How much each sounding chord speaks for each key, in nats: (chords, 24)."""
    states = np.array([state_of(chord.root, chord.quality) for chord in chords])
    held = np.array([chord.end - chord.start for chord in chords])
    weights = np.sqrt(np.minimum(held, _LONGEST))
    evidence: NDArray[np.float64] = weights[:, None] * CHORD_GIVEN_KEY[:, states].T
    tonic, dominant = _tonics(chords), DOMINANTS[:, states].T
    evidence[1:] += _CADENCE * (dominant[:-1] & tonic[1:])
    evidence[0] += _BEGINNING * tonic[0]
    evidence[-1] += _ENDING * tonic[-1]
    return evidence


def _tonics(chords: Sequence[Chord]) -> NDArray[np.bool_]:
    """Whether each chord is the tonic of each key: (chords, 24)."""
    tonics: NDArray[np.bool_] = TONICS[:, [state_of(chord.root, chord.quality) for chord in chords]].T
    return tonics


def _longest(sections: Sequence[KeySection], sums: NDArray[np.float64]) -> Key:
    """The key that holds longest in all, and the next best one where it holds."""
    names = np.array([KEYS.index(section.name) for section in sections])
    held = np.bincount(names, [section.end - section.start for section in sections], len(KEYS))
    best = int(held.argmax())
    total = sums[names == best].sum(axis=0)
    others = np.where(np.arange(len(KEYS)) == best, -np.inf, total)
    runner_up = int(others.argmax())
    confidence = _confidence(_margin(total, best))
    return Key(KEYS[best], confidence, KEYS[runner_up], min(confidence, 1 - confidence))


def _margin(total: NDArray[np.float64], best: int) -> float:
    return float(total[best] - np.delete(total, best).max())


def _confidence(margin: float) -> float:
    """How often a key with this margin over the next best, in nats, is right: a logistic curve fitted to excerpts of songs."""
    return float(1 / (1 + np.exp(1.2 - 1.3 * np.sqrt(max(0.0, margin)))))
