"""Rhythm from sound to bars, with the real network: composed songs, and what has no pulse."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
from numpy.typing import NDArray

from services.mir.analysis.findings import Finding, Reason, Tempo
from services.mir.analysis.harmony import harmonic_change
from services.mir.analysis.networks import Networks, load_networks
from services.mir.analysis.preparation import RATE, Mono, prepare
from services.mir.analysis.progress import Cancelled
from services.mir.analysis.rhythm import Rhythm, hear_rhythm
from tests.songs import Truth, compose, compose_song, draw_recipe

Sound = NDArray[np.floating[Any]]

_ABSENT: Final[tuple[Finding, ...]] = ("tempo", "grid", "beats", "metre")


@cache
def _networks() -> Networks:
    return load_networks(Path(".puremusic/weights/mir"))


def _heard(sound: Sound) -> Rhythm:
    mono: Mono = sound.astype(np.float32)
    return hear_rhythm(_networks().beat_activations(mono), mono)


@cache
def _song(bpm: float, seconds: float = 24.0) -> Sound:
    return compose(tempo_bpm=bpm, seconds=seconds, sample_rate=RATE, channels=1, seed=round(bpm)).mix[:, 0]


def _tempo(heard: Rhythm) -> Tempo:
    assert heard.tempo is not None
    return heard.tempo


@pytest.mark.parametrize("bpm", [74.0, 96.5, 120.0, 143.2])
def test_a_steady_song_has_its_tempo_to_a_few_thousandths(bpm: float) -> None:
    tempo = _tempo(_heard(_song(bpm)))
    assert tempo.bpm == pytest.approx(bpm, rel=5e-4)
    assert tempo.steady
    assert tempo.grid is not None
    assert tempo.curve == ()


@pytest.mark.parametrize("bpm", [74.0, 120.0])
def test_beats_and_bars_lie_where_they_were_put(bpm: float) -> None:
    beats = _heard(_song(bpm)).beats
    assert beats is not None
    true = np.arange(0, 23, 60 / bpm)
    distances = np.abs(np.asarray(beats.seconds)[:, None] - true).min(axis=0)
    assert np.median(distances) < 0.006
    assert distances[4:].max() < 0.02
    downbeats = np.asarray(beats.downbeats) * bpm / 60
    assert np.allclose(downbeats, 4 * np.rint(downbeats / 4), atol=0.1)


def test_the_grid_is_the_beats() -> None:
    heard = _heard(_song(96.5))
    assert heard.beats is not None
    grid = _tempo(heard).grid
    assert grid is not None
    inside = np.asarray([at for at in heard.beats.seconds if at > 0])  # the grid may begin before the track
    numbers = (inside - grid.offset_seconds) * grid.bpm / 60
    assert np.allclose(numbers, np.rint(numbers), atol=1e-6)
    assert max(0.0, grid.offset_seconds) == heard.beats.downbeats[0]
    assert heard.absences == {}


@cache
def _piece(groove: str) -> tuple[Mono, Truth]:
    recipe = replace(
        draw_recipe(1),
        groove=groove,
        bpm=104.0,
        tempo_shape="steady",
        drums=True,
        swing=0.5,
        sounds="plain",
        seconds=30.0,
    )
    song = compose_song(1, recipe)
    return prepare(song.mix, song.sample_rate).mono, song.truth


@pytest.mark.parametrize("groove", ["rock", "waltz", "six-eight rock"])
def test_bars_are_counted_in_each_metre(groove: str) -> None:
    mono, truth = _piece(groove)
    change = harmonic_change(_networks().chord_activations(mono, truth.cents))
    heard = hear_rhythm(_networks().beat_activations(mono), mono, change)
    assert heard.metre is not None
    assert (heard.metre.numerator, heard.metre.denominator) == truth.metre
    assert _tempo(heard).bpm == pytest.approx(truth.tempo_bpm, rel=1e-3)
    assert heard.beats is not None
    late = np.asarray(truth.downbeats[2:-2])
    assert np.abs(late[:, None] - np.asarray(heard.beats.downbeats)).min(axis=1).max() < 0.03


def test_a_tempo_that_changes_has_a_curve_and_no_grid() -> None:
    song = _song(120.0)
    faster = compose(tempo_bpm=138.0, seconds=20, sample_rate=RATE, channels=1, seed=120).mix[:, 0]
    heard = _heard(np.concatenate([song[: round(16.0 * RATE)], faster]))
    tempo = _tempo(heard)
    assert not tempo.steady
    assert tempo.grid is None
    assert heard.absences == {"grid": "tempo_varies"}
    assert tempo.curve[0].bpm == pytest.approx(120, rel=0.03)
    assert tempo.curve[-1].bpm == pytest.approx(138, rel=0.03)


def test_candidates_hold_half_and_double_and_share_the_belief() -> None:
    tempo = _tempo(_heard(_song(120.0)))
    assert tempo.candidates[0].bpm == tempo.bpm
    shares = [candidate.share for candidate in tempo.candidates]
    assert sum(shares) == pytest.approx(1)
    assert shares == sorted(shares, reverse=True)
    ratios = [candidate.bpm / tempo.bpm for candidate in tempo.candidates]
    assert any(ratio == pytest.approx(0.5, rel=0.04) for ratio in ratios)
    assert any(ratio == pytest.approx(2.0, rel=0.04) for ratio in ratios)


def _noise(seconds: float) -> Sound:
    return 0.1 * np.random.default_rng(7).standard_normal(round(seconds * RATE))


def _tone(seconds: float) -> Sound:
    return 0.3 * np.sin(2 * np.pi * 440 * np.arange(round(seconds * RATE)) / RATE)


def _drops(seconds: float) -> Sound:
    """Something falls now and then."""
    rng = np.random.default_rng(3)
    sound = np.zeros(round(seconds * RATE))
    drop = np.exp(-np.arange(4_000) / 800) * rng.standard_normal(4_000)
    for start in rng.integers(0, len(sound) - 4_000, round(1.5 * seconds)):
        sound[start : start + 4_000] += 0.3 * drop
    return sound


@pytest.mark.parametrize(
    ("sound", "reason"),
    [
        (np.zeros(0), "silent"),
        (np.zeros(10 * RATE), "silent"),
        (_noise(1.9), "too_short"),
        (_noise(3), "no_pulse"),
        (_noise(20), "no_pulse"),
        (_tone(20), "no_pulse"),
        (_drops(20), "no_pulse"),
    ],
    ids=["nothing", "silence", "under two seconds", "a little noise", "noise", "a held note", "drops"],
)
def test_what_has_no_pulse_has_no_rhythm(sound: Sound, reason: Reason) -> None:
    assert _heard(sound) == Rhythm(absences=dict.fromkeys(_ABSENT, reason))


def test_the_level_does_not_matter() -> None:
    soft, loud = _song(96.5) / 16, _song(96.5)
    mono = loud.astype(np.float32)
    activations = _networks().beat_activations(mono)
    assert hear_rhythm(activations, soft.astype(np.float32)) == hear_rhythm(activations, mono)


def test_the_same_audio_is_heard_the_same() -> None:
    assert _heard(_song(143.2)) == _heard(_song(143.2))


def test_harmonic_change_is_heard_though_its_frames_are_fewer() -> None:
    mono = _song(120.0).astype(np.float32)
    activations = _networks().beat_activations(mono)
    change = np.zeros(len(activations) - 7, np.float32)
    change[::100] = 1.0
    assert _tempo(hear_rhythm(activations, mono, change)).bpm == pytest.approx(120, rel=1e-3)


def test_cancelling_stops_it() -> None:
    with pytest.raises(Cancelled):
        hear_rhythm(np.zeros((500, 2), np.float32), _noise(10).astype(np.float32), cancelled=lambda: True)


def test_half_an_hour_stays_one_song() -> None:
    """The grid holds from the first minute to the last, and takes seconds."""
    minute = _song(120.0)[: 20 * RATE].astype(np.float32)
    activations = np.tile(_networks().beat_activations(minute)[:1000], (90, 1))
    heard = hear_rhythm(activations, np.tile(minute, 90))
    assert _tempo(heard).bpm == pytest.approx(120, rel=1e-4)
    assert _tempo(heard).steady
    assert heard.beats is not None
    assert heard.beats.seconds[-1] > 1798
