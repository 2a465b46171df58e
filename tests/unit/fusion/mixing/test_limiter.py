"""The limiter's gain curve."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.fusion.mixing.mastering.limiter import apply_curve, gain_curve, largest_reduction_db
from services.fusion.mixing.mastering.true_peak import ROW_FRAMES

RATE = 44_100


@given(st.lists(st.floats(0, 8, width=32), max_size=200), st.floats(0.1, 1.0))
def test_no_peak_is_left_above_the_ceiling(peaks: list[float], ceiling: float) -> None:
    curve = gain_curve(np.array(peaks, np.float32), ceiling, RATE)
    assert len(curve) == len(peaks) + 1
    assert curve.max() <= 1
    gains = np.maximum(curve[:-1], curve[1:])  # the highest within each row
    assert (gains * np.array(peaks) <= ceiling * (1 + 1e-6)).all()


def test_what_stays_below_the_ceiling_is_left_alone() -> None:
    assert (gain_curve(np.full(1000, 0.5, np.float32), 0.5, RATE) == 1).all()


def test_it_comes_down_within_five_milliseconds_before_a_peak_and_recovers_slowly() -> None:
    peaks = np.zeros(4000, np.float32)
    peaks[2000] = 1.0
    moved = np.nonzero(gain_curve(peaks, 0.5, RATE) < 1)[0] * ROW_FRAMES / RATE
    at = 2000 * ROW_FRAMES / RATE
    assert at - moved[0] == pytest.approx(0.005, abs=0.001)
    assert moved[-1] - at == pytest.approx(6.02 / 30, abs=0.01)


def test_a_curve_does_not_depend_on_how_much_of_it_is_computed_together(monkeypatch: pytest.MonkeyPatch) -> None:
    peaks = np.abs(np.random.default_rng(0).standard_normal(3_000)).astype(np.float32)
    whole = gain_curve(peaks, 0.5, RATE)
    monkeypatch.setattr("services.fusion.mixing.mastering.limiter._CHUNK", 100)
    assert np.array_equal(gain_curve(peaks, 0.5, RATE), whole)


def test_the_largest_reduction_is_told_in_decibels() -> None:
    assert largest_reduction_db(np.array([1.0, 0.5, 0.9], np.float32)) == pytest.approx(6.02, abs=0.01)


def test_blocks_are_turned_down_along_the_curve() -> None:
    curve = np.array([1.0, 1.0, 0.5, 0.5, 1.0], np.float32)
    block = np.ones((100, 2), np.float32)
    limited = apply_curve(block, curve, 0)
    assert limited[[0, 32, 48, 64, 95]] == pytest.approx(np.repeat([[1.0], [1.0], [0.75], [0.5], [0.5]], 2, axis=1))
    assert np.array_equal(apply_curve(block[64:], curve, 64), limited[64:])
