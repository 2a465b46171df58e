"""The ways in which a listener could count along, and how likely each is.

A reading is a level of the metre taken for the beat, and a time signature. What speaks for a reading is weighed by weights
learnt on the tuning half of the bench (D. McFadden, "Conditional logit analysis of qualitative choice behavior", 1974).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.mir.analysis.rhythm.bars import downbeat_odds, place_bars
from services.mir.analysis.rhythm.decoding import FRAMES_PER_SECOND, decode_beats
from services.mir.analysis.rhythm.evidence import Heard, likeness, on_beats, profile

__all__ = ["BEATS_PER_BAR", "Level", "Reading", "levels", "readings"]

Signal = NDArray[np.float32]

BEATS_PER_BAR: Final = (4, 3, 2)
"""4/4, 3/4 and 6/8."""

_PULSE_BPM: Final = (50.0, 215.0)  # in which some level of the metre always is
_LEVELS_BPM: Final = (45.0, 240.0)  # what can be the beat
_RATIOS: Final = (1 / 3, 1 / 2, 2 / 3, 1.0, 3 / 2, 2.0, 3.0)
_STRAYING: Final = 1.25  # a level's tempo may vary by this factor around its median
_ALIKE: Final = 0.04  # tempi closer than this are one level
_PHASES: Final = (0, 6, 4, 8)  # twelfths of a beat: what falls between the beats can be louder than they
_FEWEST: Final = 4  # beats
_PREFERRED_BPM: Final = 115.0
_LAGS: Final = (1, 2, 3, 4, 6)


@dataclass(frozen=True)
class Level:
    """One level of the metre, in one phase, as the beat: its frames (beats,), and what is heard on its beats (beats, 6).

    `tempo` in BPM is the same for all phases of a level.
    """

    beats: NDArray[np.int64]
    tempo: float
    strengths: Signal
    evidence: Signal


@dataclass(frozen=True)
class Reading:
    """A level and a time signature; `places` (beats,) in the bar, and the features (n,) that speak for it."""

    level: Level
    beats_per_bar: int
    places: NDArray[np.int64]
    features: Signal


def levels(heard: Heard) -> list[Level]:
    """The levels that a listener might take for the beat; none if the track is too short for a few beats."""
    first = decode_beats(heard.rewards, *_PULSE_BPM)
    if len(first) < _FEWEST:
        return []
    found: list[Level] = []
    for ratio in _RATIOS:
        bpm = _tempo(first) * ratio
        if _LEVELS_BPM[0] <= bpm <= _LEVELS_BPM[1]:
            beats = decode_beats(heard.rewards, bpm / _STRAYING, min(bpm * _STRAYING, _LEVELS_BPM[1]))
            if len(beats) >= _FEWEST and all(abs(np.log(_tempo(beats) / level.tempo)) > _ALIKE for level in found):
                found += _in_all_phases(heard, beats)
    return found


def readings(found: list[Level], downbeat_weights: Signal, downbeat_bias: float) -> list[Reading]:
    """Each level in each time signature."""
    every = []
    for level in found:
        odds = downbeat_odds(level.strengths, downbeat_weights, downbeat_bias)
        placed = [place_bars(odds, length) for length in BEATS_PER_BAR]
        best = max(likelihood for _, likelihood in placed)
        for length, (places, likelihood) in zip(BEATS_PER_BAR, placed, strict=True):
            bars = np.array([1.0, likelihood, likelihood - best, (likelihood - best) * np.sqrt(len(odds))], np.float32)
            every.append(Reading(level, length, places, _by_metre(np.concatenate([bars, level.evidence]), length)))
    return every


def _by_metre(features: Signal, beats_per_bar: int) -> Signal:
    """The features for weights that all metres share, and again for weights of this metre alone."""
    own = [features if length == beats_per_bar else np.zeros_like(features) for length in BEATS_PER_BAR]
    return np.concatenate([features, *own])


def _in_all_phases(heard: Heard, beats: NDArray[np.int64]) -> list[Level]:
    """The beats as decoded, and moved by a half, a third, and two thirds."""
    shape, bpm = profile(heard, beats), _tempo(beats)
    return [_level(heard, _later(beats, phase), bpm, np.roll(shape, -phase, axis=0)) for phase in _PHASES]


def _later(beats: NDArray[np.int64], twelfths: int) -> NDArray[np.int64]:
    """The moments so much later than the beats; one less than there are beats."""
    return np.rint(beats[:-1] + twelfths / 12 * np.diff(beats)).astype(np.int64) if twelfths else beats


def _level(heard: Heard, beats: NDArray[np.int64], bpm: float, shape: Signal) -> Level:
    strengths = on_beats(heard, beats)
    fractions = np.concatenate([shape[0], shape[6], (shape[3] + shape[9]) / 2, shape[4], shape[8]])
    octaves = np.log2(bpm / _PREFERRED_BPM)
    rewards = heard.rewards[beats]
    uneven = np.diff(np.log(np.diff(beats))).std()
    pace = [octaves, octaves**2, rewards.mean(), rewards.sum() / len(heard.rewards) * FRAMES_PER_SECOND, uneven]
    evidence = np.concatenate([pace, fractions, likeness(strengths, _LAGS).ravel()])
    return Level(beats, bpm, strengths, evidence.astype(np.float32))


def _tempo(beats: NDArray[np.int64]) -> float:
    """Beats per minute: from the mean of the middle half of the intervals, finer than their median."""
    intervals = np.sort(np.diff(beats))
    quarter = len(intervals) // 4
    return 60.0 * FRAMES_PER_SECOND / float(intervals[quarter : len(intervals) - quarter].mean())
