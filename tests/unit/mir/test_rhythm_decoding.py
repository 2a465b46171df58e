"""Beats and bars from what a network believes: against beliefs whose truth is known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from services.mir.analysis.rhythm.bars import place_bars
from services.mir.analysis.rhythm.decoding import FRAMES_PER_SECOND, beat_rewards, decode_beats

Times = NDArray[np.floating[Any]]


def _believed(beats: Times, seconds: float, height: float = 0.8) -> NDArray[np.float32]:
    """Beat activations (frames,) at 50 fps with a peak on each beat."""
    frames = np.arange(round(seconds * 50)) / 50
    distance = np.abs(frames[:, None] - beats[None, :]).min(axis=1)
    believed: NDArray[np.float32] = (0.01 + height * np.exp(-0.5 * (distance / 0.015) ** 2)).astype(np.float32)
    return believed


def _decoded(believed: NDArray[np.float32], slowest: float = 50, fastest: float = 215) -> Times:
    return decode_beats(beat_rewards(believed), slowest, fastest) / FRAMES_PER_SECOND


def _recall(found: Times, beats: Times, within: float = 0.03) -> float:
    return float(np.mean([np.abs(found - beat).min() < within for beat in beats]))


@pytest.mark.parametrize("bpm", [55.0, 93.7, 128.0, 211.0])
def test_beats_are_found_at_any_tempo(bpm: float) -> None:
    beats = np.arange(0.3, 15.0, 60 / bpm)
    found = _decoded(_believed(beats, 15.3))
    assert len(found) == pytest.approx(len(beats), abs=1)
    assert _recall(found, beats) == 1.0


def test_beats_go_on_where_nothing_is_heard() -> None:
    beats = np.arange(0.2, 20, 0.5)
    sounding = beats[(beats < 8) | (beats > 12)]
    assert _recall(_decoded(_believed(sounding, 20)), beats) == 1.0


@pytest.mark.parametrize("change", [0.75, 1.3])
def test_a_tempo_that_goes_gradually_is_followed(change: float) -> None:
    beats = np.cumsum(0.5 * np.geomspace(1, change, 50))
    assert _recall(_decoded(_believed(beats, beats[-1] + 0.3)), beats) > 0.95


@pytest.mark.parametrize("change", [0.8, 1.25])
def test_a_tempo_that_jumps_is_followed(change: float) -> None:
    beats = np.cumsum(np.concatenate([np.full(25, 0.5), np.full(25, 0.5 * change)]))
    assert _recall(_decoded(_believed(beats, beats[-1] + 0.3)), beats) > 0.9


@pytest.mark.parametrize(("slowest", "fastest", "interval"), [(50, 80, 1.0), (100, 150, 0.5), (200, 300, 0.25)])
def test_the_level_is_the_one_asked_for(slowest: float, fastest: float, interval: float) -> None:
    found = _decoded(_believed(np.arange(0.2, 20, 0.5), 20), slowest, fastest)
    assert np.median(np.diff(found)) == pytest.approx(interval, abs=0.011)


def test_what_is_shorter_than_a_beat_has_none() -> None:
    assert len(_decoded(np.zeros(50, np.float32))) == 0


def test_no_belief_still_gives_beats_in_the_range() -> None:
    found = _decoded(np.full(1000, 0.02, np.float32))
    assert np.all(np.diff(found) >= 0.27)
    assert np.all(np.diff(found) <= 1.2 + 1e-9)


@pytest.mark.parametrize("length", [2, 3, 4])
@pytest.mark.parametrize("pickup", [0, 1])
def test_bars_begin_where_the_odds_are_high(length: int, pickup: int) -> None:
    numbers = np.arange(40)
    odds = np.where((numbers - pickup) % length == 0, 2.0, -2.0).astype(np.float32)
    places, likelihood = place_bars(odds, length)
    assert np.array_equal(places == 1, odds > 0)
    assert np.array_equal(places, (numbers - pickup) % length + 1)
    assert all(place_bars(odds, other)[1] < likelihood for other in {2, 3, 4} - {length})


def test_one_beat_too_many_breaks_no_more_than_one_bar() -> None:
    odds = np.full(41, -2.0, np.float32)
    odds[np.r_[0:20:4, 21:41:4]] = 2.0
    places, _ = place_bars(odds, 4)
    assert np.array_equal(places == 1, odds > 0)
