"""The character of sounds whose character is known."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from services.mir.analysis.findings import Beats, Character, Loudness, Tempo
from services.mir.analysis.form import Features, hear_features, onset_times
from services.mir.analysis.preparation import RATE, prepare
from services.mir.analysis.timbre import character, pulse_clarity
from tests.songs import compose

Mono = NDArray[np.float32]


def _strokes(times: NDArray[np.float64], seconds: float) -> Mono:
    """A short burst of noise at each time."""
    rng = np.random.default_rng(0)
    mono = np.zeros(round(seconds * RATE) + RATE)
    for at in times:
        start = round(at * RATE)
        mono[start : start + RATE // 10] += rng.standard_normal(RATE // 10) * np.exp(
            -np.arange(RATE // 10) / (RATE / 50)
        )
    return (0.2 * mono[: round(seconds * RATE)]).astype(np.float32)


def _heard(mono: Mono, bpm: float | None = 120.0, jitter: float = 0.0) -> Character:
    prepared = prepare(mono[:, None], RATE)
    tempo, beats = None, None
    if bpm:
        seconds = np.arange(0, prepared.seconds, 60 / bpm)
        seconds = seconds + jitter * 60 / bpm * np.random.default_rng(1).standard_normal(len(seconds))
        tempo, beats = Tempo(bpm, 1.0), Beats(tuple(seconds.tolist()), (1,) * len(seconds), 1.0, 1.0)
    found = character(hear_features(prepared.mono), prepared.loudness, tempo, beats, prepared.seconds)
    assert found is not None
    assert all(0 <= value <= 1 for value in (found.energy, found.brightness, found.danceability))
    return found


@pytest.mark.parametrize("per_second", [1.0, 2.5, 6.0, 10.0])
def test_onsets_are_counted(per_second: float) -> None:
    times = np.arange(0.2, 11.8, 1 / per_second)
    mono = _strokes(times, 12)
    found = onset_times(hear_features(mono))
    assert len(found) == len(times)
    assert np.abs(found - times).max() < 0.04
    assert _heard(mono).onset_density == pytest.approx(len(times) / 12)


def test_steady_sounds_have_few_onsets() -> None:
    seconds = np.arange(10 * RATE) / RATE
    tone = 0.3 * np.sin(2 * np.pi * 330 * seconds + 3 * np.sin(2 * np.pi * 5 * seconds))  # with a vibrato
    noise = 0.1 * np.random.default_rng(0).standard_normal(10 * RATE)
    for sound in (tone, noise):
        assert len(onset_times(hear_features(sound.astype(np.float32)))) <= 5


def test_brightness_is_what_lies_above_1500_hz() -> None:
    seconds = np.arange(4 * RATE) / RATE
    low, high = (0.2 * np.sin(2 * np.pi * hertz * seconds) for hertz in (400, 4000))
    assert _heard(low.astype(np.float32)).brightness < 0.05
    assert _heard((low + high).astype(np.float32)).brightness == pytest.approx(0.5, abs=0.05)
    assert _heard(high.astype(np.float32)).brightness > 0.95


def test_loud_and_busy_is_energetic() -> None:
    sparse, busy = _strokes(np.arange(0.2, 10, 1.0), 10), _strokes(np.arange(0.2, 10, 0.15), 10)
    energies = [_heard(sound).energy for sound in (0.1 * sparse, sparse, busy, 4 * busy)]
    assert energies == sorted(energies)
    assert energies[-1] - energies[0] > 0.3


def _character(features: Features, lufs: float, bpm: float = 120.0, jitter: float = 0.0) -> Character:
    """The character of features that are said to be so loud and to have beats of such a tempo, late by turns."""
    late = jitter * 60 / bpm
    seconds = tuple(n * 60 / bpm + n % 2 * late for n in range(24))
    beats = Beats(seconds, (1,) * len(seconds), 1.0, 1.0)
    found = character(features, Loudness(lufs, 0.0, 0.0), Tempo(bpm, 1.0), beats, 12.0)
    assert found is not None
    return found


def test_energy_grows_with_loudness_alone_and_with_density_alone() -> None:
    features = [hear_features(_strokes(np.arange(0.2, 11.8, gap), 12)) for gap in (1.0, 0.4, 0.2, 0.1)]
    by_loudness = [_character(features[1], lufs).energy for lufs in (-40.0, -35.0, -20.0, -10.0, -5.0, 0.0)]
    assert by_loudness == sorted(by_loudness)
    assert by_loudness[4] - by_loudness[1] == pytest.approx(0.5)
    assert (by_loudness[0], by_loudness[-1]) == (by_loudness[1], by_loudness[4])
    by_density = [_character(each, -14.0).energy for each in features]
    assert (np.diff(by_density) > 0.05).all()


def test_danceability_falls_with_the_distance_from_120_bpm_and_with_unsteadiness() -> None:
    features = hear_features(_strokes(np.arange(0.25, 12, 0.5), 12))
    for tempi in ((120.0, 100.0, 80.0, 60.0), (120.0, 140.0, 170.0, 200.0)):
        assert (np.diff([_character(features, -14.0, bpm).danceability for bpm in tempi]) < -0.02).all()
    unsteady = [_character(features, -14.0, jitter=share).danceability for share in (0.0, 0.01, 0.02, 0.04, 0.08)]
    assert (np.diff(unsteady) < -0.01).all()
    assert unsteady[-1] == 0.0


def test_who_dances() -> None:
    even = _strokes(np.arange(0.25, 12, 0.5), 12)
    uneven = _strokes(np.cumsum(np.random.default_rng(3).uniform(0.15, 1.1, 16)), 12)
    best = _heard(even).danceability
    assert best > 0.8
    assert _heard(uneven).danceability < best - 0.1
    assert _heard(even, bpm=60).danceability < best - 0.1
    assert _heard(even, jitter=0.05).danceability < best - 0.1
    assert _heard(even, bpm=None).danceability == 0.0


def test_pulse_is_clearer_in_a_beat_than_in_noise() -> None:
    noise = (0.1 * np.random.default_rng(0).standard_normal(15 * RATE)).astype(np.float32)
    song = compose(tempo_bpm=120, seconds=15, sample_rate=RATE, channels=1, seed=2).mix[:, 0]
    assert pulse_clarity(hear_features(noise)) < 0.3 < 0.5 < pulse_clarity(hear_features(song))


@pytest.mark.parametrize("frames", [0, 1, RATE, 5 * RATE])
def test_silence_has_no_character(frames: int) -> None:
    assert character(hear_features(np.zeros(frames, np.float32)), Loudness(), None, None, frames / RATE) is None


def test_a_short_sound_has_a_character() -> None:
    found = _heard((0.3 * np.sin(np.arange(RATE // 4) / 10)).astype(np.float32), bpm=None)
    assert found.danceability == 0.0
    assert found.energy > 0
