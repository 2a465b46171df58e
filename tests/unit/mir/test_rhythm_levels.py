"""The levels that could be the beat, and what is played where in their bars: against beliefs whose truth is known."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Final

import mir_eval
import numpy as np
import pytest
from numpy.typing import NDArray

from services.mir.analysis.rhythm.decoding import FRAMES_PER_SECOND
from services.mir.analysis.rhythm.evidence import Heard
from services.mir.analysis.rhythm.levels import Level, levels
from services.mir.analysis.rhythm.patterns import bar_pattern, pattern_size, subdivided

Times = NDArray[np.floating[Any]]

_CUES: Final = 6
_SEEN: Final = 5  # of the cues, in patterns


def _heard(beats: Times, seconds: float) -> Heard:
    """A network that believes in these beats, and sounds that begin on them."""
    times = np.arange(round(seconds * FRAMES_PER_SECOND)) / FRAMES_PER_SECOND
    near = np.exp(-0.5 * (np.abs(times[:, None] - beats).min(axis=1) / 0.015) ** 2).astype(np.float32)
    return Heard(6 * near - 3, np.repeat(near[:, None] / near.mean(), _CUES, axis=1))


def _right(level: Level, beats: Times) -> float:
    return float(mir_eval.beat.f_measure(beats, level.beats / FRAMES_PER_SECOND))


@pytest.mark.parametrize("interval", [0.4, 0.6, 1.2])
def test_slower_levels_of_even_beats_are_found(interval: float) -> None:
    found = levels(_heard(np.arange(0.4, 24, 0.4), 24.2))
    assert max(_right(level, np.arange(0.4, 24, interval)) for level in found) > 0.95


def test_a_beat_that_the_network_leaves_half_way_is_counted_out_throughout() -> None:
    """As in 6/8, where it may believe in the dotted quarters first and then in the quarters."""
    believed = np.concatenate([np.arange(0.4, 12.4, 0.6), np.arange(12.4, 24, 0.4)])
    assert max(_right(level, np.arange(0.4, 24, 0.6)) for level in levels(_heard(believed, 24.2))) > 0.95


def test_rows_of_one_level_have_one_tempo() -> None:
    tempi = sorted({level.tempo for level in levels(_heard(np.arange(0.3, 20, 0.47), 20.2))})
    assert len(tempi) > 2
    assert all(faster / slower > 1.04 for slower, faster in pairwise(tempi))


def test_what_is_too_short_has_no_levels() -> None:
    assert levels(_heard(np.array([0.2, 0.7]), 1.0)) == []


def _bars(struck: int, bars: int = 10, frames: int = 240) -> Heard:
    """Bars of 2.4 s with a sound that begins at this one of their twelfths, alone."""
    cues = np.zeros((bars * frames, _CUES), np.float32)
    cues[struck * frames // 12 :: frames] = 1.0
    return Heard(cues[:, 0], cues / cues.mean())


def _pattern(heard: Heard, beats_per_bar: int) -> NDArray[np.float32]:
    """By beats of the bar, the parts of each, and cues."""
    beats = np.arange(0, len(heard.rewards), 240 // beats_per_bar)
    places = np.arange(len(beats)) % beats_per_bar + 1
    found = bar_pattern(subdivided(heard, beats), places, beats_per_bar)
    assert len(found) == pattern_size(beats_per_bar)
    return found.reshape(beats_per_bar, -1, _SEEN)


# Twelfths of a bar: of 3/4 a beat has four, of 6/8 six, of 4/4 three, of which the second quarter is no place of its own.
@pytest.mark.parametrize(
    ("beats_per_bar", "struck", "beat", "part"),
    [(3, 4, 1, 0), (3, 6, 1, 1), (3, 9, 2, 2), (2, 6, 1, 0), (2, 3, 0, 1), (2, 8, 1, 2), (2, 10, 1, 3), (4, 9, 3, 0)],
)
def test_what_sounds_at_one_place_of_the_bar_shows_there(beats_per_bar: int, struck: int, beat: int, part: int) -> None:
    pattern = _pattern(_bars(struck), beats_per_bar)
    assert np.all(pattern[beat, part] > 1)
    others = np.ones(pattern.shape[:2], bool)
    others[beat, part] = False
    assert np.all(pattern[others] <= 0)


@pytest.mark.parametrize("beats_per_bar", [4, 3, 2])
def test_bars_in_which_all_beats_are_alike_have_no_pattern(beats_per_bar: int) -> None:
    alike = Heard(np.zeros(2400, np.float32), np.ones((2400, _CUES), np.float32))
    assert not _pattern(alike, beats_per_bar).any()
