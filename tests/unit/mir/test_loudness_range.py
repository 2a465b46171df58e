"""Loudness range against the minimum requirements of EBU Tech 3342."""

from __future__ import annotations

import numpy as np
import pytest

from services.mir.analysis.loudness import LoudnessMeter
from services.mir.analysis.loudness_range import loudness_range

RATE = 8_000


def _range_of(levels_db: list[float], seconds: float = 20.0) -> float | None:
    """Of a stereo sine of 1 kHz with one level after the other."""
    meter = LoudnessMeter(RATE, 2)
    sine = np.sin(2 * np.pi * 1000 * np.arange(round(seconds * RATE)) / RATE)
    for level in levels_db:
        meter.add(np.repeat((10 ** (level / 20) * sine).astype(np.float32)[:, None], 2, axis=1))
    return loudness_range(meter)


@pytest.mark.parametrize(
    ("levels", "expected"),
    [([-20, -30], 10), ([-20, -15], 5), ([-40, -20], 20), ([-50, -35, -20, -35, -50], 15)],
)
def test_the_cases_of_the_recommendation(levels: list[float], expected: float) -> None:
    assert _range_of(levels) == pytest.approx(expected, abs=1)


def test_the_gates_leave_out_pauses() -> None:
    assert _range_of([-20, -20, -20, -90, -20]) == pytest.approx(0, abs=1)
    assert _range_of([-20, -20, -20, -60, -20]) == pytest.approx(0, abs=1)


def test_a_steady_sound_has_no_range() -> None:
    assert _range_of([-23]) == pytest.approx(0, abs=0.1)


@pytest.mark.parametrize(("levels", "seconds"), [([-20.0], 2.9), ([-100.0], 10.0), ([], 1.0)])
def test_less_than_three_seconds_and_silence_have_none(levels: list[float], seconds: float) -> None:
    assert _range_of(levels, seconds) is None


def test_the_loudest_moments_count_less_than_the_quiet_ones() -> None:
    """10th to 95th percentile: a tenth of whisper and a tenth of shouting are not the same."""
    assert _range_of([-20, -20, -20, -20, -20, -20, -20, -20, -10], 10.0) == pytest.approx(10, abs=1)
    assert _range_of([-10, -10, -10, -10, -10, -10, -10, -10, -10, -10, -10, -10, -20], 10.0) == pytest.approx(0, abs=1)
