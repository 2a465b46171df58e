"""Where exactly beats fall, whether they are steady, and what tempo follows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from services.mir.analysis.findings import Beats, TempoCandidate
from services.mir.analysis.preparation import RATE
from services.mir.analysis.rhythm.onsets import ONSETS_PER_SECOND, onset_bands
from services.mir.analysis.rhythm.tempo import steady_tempo, varying_tempo
from services.mir.analysis.rhythm.timing import fit_line, is_steady, refine, smooth

Times = NDArray[np.floating[Any]]


def _clicks(beats: Times, seconds: float, hertz: float = 1_000.0) -> NDArray[np.float32]:
    mono = np.zeros(round(seconds * RATE), np.float32)
    time = np.arange(RATE // 10) / RATE
    click = 0.5 * np.sin(2 * np.pi * hertz * time) * np.exp(-40 * time)
    for beat in beats:
        start = round(beat * RATE)
        mono[start : start + len(click)] += click[: len(mono) - start].astype(np.float32)
    return mono


def _jittered(beats: Times, seconds: float, seed: int = 0) -> NDArray[np.float64]:
    moved: NDArray[np.float64] = beats + np.random.default_rng(seed).normal(0, seconds, len(beats))
    return moved


@pytest.mark.parametrize("hertz", [80.0, 1_000.0, 6_000.0])
def test_beats_are_drawn_to_the_onsets_near_them(hertz: float) -> None:
    beats = np.arange(0.5, 9.5, 0.4567)
    refined, _ = refine(_jittered(beats, 0.01), onset_bands(_clicks(beats, 10.0, hertz)))
    assert np.abs(refined - beats).max() < 0.006


def test_onsets_do_not_depend_on_the_level() -> None:
    mono = _clicks(np.arange(0.5, 4, 0.5), 4.0)
    assert np.allclose(onset_bands(mono), onset_bands(mono * np.float32(0.01)), atol=1e-5)


def test_onsets_have_no_seams_between_their_chunks() -> None:
    mono = _clicks(np.arange(0.1, 45, 0.37), 45.0)
    whole, later = onset_bands(mono), onset_bands(mono[7 * RATE :])
    away = 7 * ONSETS_PER_SECOND + 10
    level = float(np.sqrt(np.mean(mono**2)) / np.sqrt(np.mean(mono[7 * RATE :] ** 2)))
    assert level == pytest.approx(1, abs=0.05)
    assert np.allclose(whole[away:], later[10:], atol=0.02)


def test_a_line_survives_missing_extra_and_misplaced_beats() -> None:
    beats = _jittered(1.25 + 0.47 * np.arange(120), 0.004)
    beats[17] += 0.08
    spoilt = np.sort(np.append(np.delete(beats, [5, 6, 40, 90]), beats[60] + 0.12))
    line = fit_line(spoilt, np.ones(len(spoilt)))
    assert line.period == pytest.approx(0.47, rel=1e-4)
    assert line.offset == pytest.approx(1.25, abs=0.002)
    assert is_steady(line)


@pytest.mark.parametrize("change", [0.97, 1.02, 1.2])
def test_a_tempo_that_changes_is_not_steady(change: float) -> None:
    beats = np.cumsum(0.5 * np.geomspace(1, change, 80))
    assert not is_steady(fit_line(beats, np.ones(80)))


def test_smoothing_takes_single_strays_and_leaves_the_course() -> None:
    course = np.cumsum(0.5 * np.geomspace(1, 1.2, 60))
    heard = course.copy()
    heard[30] += 0.009
    smoothed = smooth(heard)
    assert abs(smoothed[30] - course[30]) < 0.005
    assert np.abs(smoothed - course)[:25].max() < 0.003


def _beats(seconds: Times, length: int) -> Beats:
    return Beats(tuple(seconds), tuple(int(n) % length + 1 for n in range(len(seconds))), 1.0, 1.0)


def test_half_and_double_tempo_are_always_candidates() -> None:
    tempo = steady_tempo(
        _beats(np.arange(20) * 0.5, 4), 120.0, 0.7, [TempoCandidate(121.0, 0.9), TempoCandidate(60.5, 0.1)]
    )
    assert [round(candidate.bpm) for candidate in tempo.candidates] == [120, 60, 240]
    assert sum(candidate.share for candidate in tempo.candidates) == pytest.approx(1)
    assert tempo.grid is not None
    assert (tempo.grid.offset_seconds, tempo.grid.bpm) == (0.0, 120.0)


def test_a_varying_tempo_has_a_point_per_bar() -> None:
    seconds = np.cumsum(np.concatenate([np.full(12, 0.5), np.full(12, 0.4)]))
    tempo = varying_tempo(_beats(seconds, 3), 0.7, [TempoCandidate(130.0, 1.0)])
    assert not tempo.steady
    assert tempo.grid is None
    assert [round(point.bpm) for point in tempo.curve] == [120] * 3 + [round(60 / (1.4 / 3))] + [150] * 3
    assert tempo.curve[0].seconds == seconds[0]
