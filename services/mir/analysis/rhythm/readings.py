"""The ways in which a listener could count along, and how likely each is.

A reading is a level of the metre taken for the beat, and a time signature. What speaks for a reading is weighed by weights
learnt on the tuning half of the bench (D. McFadden, "Conditional logit analysis of qualitative choice behavior", 1974).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.mir.analysis.rhythm.bars import downbeat_odds, place_bars
from services.mir.analysis.rhythm.evidence import Heard
from services.mir.analysis.rhythm.levels import Level
from services.mir.analysis.rhythm.patterns import bar_pattern, pattern_size, subdivided

__all__ = ["BEATS_PER_BAR", "Reading", "readings"]

Signal = NDArray[np.float32]

BEATS_PER_BAR: Final = (4, 3, 2)
"""4/4, 3/4 and 6/8."""


@dataclass(frozen=True)
class Reading:
    """A level and a time signature; `places` (beats,) in the bar, and the features (n,) that speak for it."""

    level: Level
    beats_per_bar: int
    places: NDArray[np.int64]
    features: Signal


def readings(heard: Heard, found: Sequence[Level], downbeat_weights: Signal, downbeat_bias: float) -> list[Reading]:
    """Each level in each time signature."""
    every = []
    for level in found:
        odds = downbeat_odds(level.strengths, downbeat_weights, downbeat_bias)
        every += _of_level(level, subdivided(heard, level.beats), odds)
    return every


def _of_level(level: Level, between: Signal, odds: Signal) -> list[Reading]:
    """The level in each time signature, by the odds (beats,) of downbeats and what is heard on and between the beats."""
    placed = {length: place_bars(odds, length) for length in BEATS_PER_BAR}
    best = max(likelihood for _, likelihood in placed.values())
    every = []
    for length, (places, likelihood) in placed.items():
        behind = likelihood - best
        bars = np.array([1.0, likelihood, behind, behind * np.sqrt(len(odds))], np.float32)
        features = _by_metre(np.concatenate([bars, level.evidence]), bar_pattern(between, places, length), length)
        every.append(Reading(level, length, places, features))
    return every


def _by_metre(common: Signal, pattern: Signal, beats_per_bar: int) -> Signal:
    """The features that all metres have, for weights that they share; and again, with the pattern, for weights of this one."""
    own = np.concatenate([common, pattern])
    others = {length: np.zeros(len(common) + pattern_size(length), np.float32) for length in BEATS_PER_BAR}
    return np.concatenate([common, *(others | {beats_per_bar: own}).values()])
