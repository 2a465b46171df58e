"""The least cost, found by trying everything: the formula of docs/fusion.md once more, in other words."""

from __future__ import annotations

from collections.abc import Sequence
from math import log2

import numpy as np
from numpy.typing import NDArray

from services.fusion.mixing.planning.key_target import Pitched
from services.fusion.mixing.planning.tempo_target import Paced

STEPS_PER_OCTAVE = 2000

_Numbers = NDArray[np.float64]
_CLASH = (0.0, 0.75, 1.5, 2.5, 3.0, 3.25, 3.5)
_CIRCLE = (0, 7, 2, 9, 4, 11, 6, 1, 8, 3, 10, 5)


def least_tempo_cost(tracks: Sequence[Paced]) -> float:
    """Over a dense row of tempi from 40 to 240 BPM, each track at the best of its levels."""
    octaves = np.arange(np.log2(40), np.log2(240), 1 / STEPS_PER_OCTAVE)
    return float(np.sum([_paced(track, octaves) for track in tracks], axis=0).min())


def coarseness(tracks: Sequence[Paced]) -> float:
    """By how much the least of a dense row may lie above the least of all: half a step on the steepest slope."""
    return 3 / log2(1.08) * sum(track.weight for track in tracks) / STEPS_PER_OCTAVE / 2 + 1e-9


def least_key_cost(tracks: Sequence[Pitched]) -> float:
    """Over 24 keys, all tunings in whole cents, and twelve transpositions of each track."""
    targets = [(tonic, minor) for tonic in range(12) for minor in (False, True)]
    tunings = np.arange(-50.0, 51.0)
    return min(float(np.sum([_pitched(one, target, tunings) for one in tracks], axis=0).min()) for target in targets)


def _bent(limits: _Numbers) -> _Numbers:
    return np.maximum(limits, 3 * limits - 2)


def _paced(track: Paced, octaves: _Numbers) -> _Numbers:
    costs: list[_Numbers] = []
    for level in (0.5, 1.0, 2.0):
        away = np.abs(octaves - np.log2(track.bpm * level))
        cost = track.weight * (_bent(away / np.log2(1.08)) + 0.5 * track.confidence * (level != 1))
        costs.append(np.where(away > np.log2(3), np.inf, cost))
    least: _Numbers = np.min(costs, axis=0)
    return least


def _pitched(track: Pitched, target: tuple[int, bool], tunings: _Numbers) -> _Numbers:
    """By tuning the cost of the best transposition."""
    semitones = np.arange(-7, 8)
    cents = 100 * semitones[:, None] + tunings - track.tuning_cents
    clash = np.array([_clash((track.key.tonic + one) % 12, track.key.mode == "minor", target) for one in range(-7, 8)])
    cost = _bent(np.abs(cents) / 300) + track.key.confidence * clash[:, None]
    least: _Numbers = np.min(track.weight * cost, axis=0)
    return least


def _clash(tonic: int, minor: bool, target: tuple[int, bool]) -> float:
    places = [_CIRCLE.index((one + 3 * low) % 12) for one, low in ((tonic, minor), target)]
    apart = abs(places[0] - places[1])
    clash = float(_CLASH[min(apart, 12 - apart)])
    if minor == target[1]:
        return clash
    return min(clash + 0.1, 1.25) if tonic == target[0] else clash + 0.1
