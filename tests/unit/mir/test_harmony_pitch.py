"""Tuning and a first key, from the pitches of a signal."""

from __future__ import annotations

import numpy as np
import pytest

from services.mir.analysis.findings import KeyName
from services.mir.analysis.harmony import estimate_tuning, quick_key
from services.mir.analysis.preparation import RATE, Mono
from services.mir.analysis.progress import Cancelled
from tests import songs

KEYS = [KeyName(tonic, mode) for mode in ("major", "minor") for tonic in range(12)]


def _chords(key: KeyName, cents: float = 0.0, seconds: float = 1.0) -> Mono:
    """Tonic, subdominant, dominant and tonic in close position, each note with eight partials."""
    third = 4 if key.mode == "major" else 3
    time = np.arange(round(seconds * RATE)) / RATE
    played = []
    for root, middle in ((0, third), (5, third), (7, 4), (0, third)):
        midi = 57 + np.array([(key.tonic + root + interval - 57) % 12 for interval in (0, middle, 7)])
        hertz = 440 * 2 ** ((midi + cents / 100 - 69) / 12)
        partials = np.arange(1, 9)[:, None, None]
        waves = np.sin(2 * np.pi * partials * hertz[:, None] * time) / partials
        played.append(waves.sum(axis=(0, 1)) * np.exp(-2 * time))
    return (0.1 * np.concatenate(played)).astype(np.float32)


def _noise(seconds: float) -> Mono:
    return (0.1 * np.random.default_rng(1).standard_normal(round(seconds * RATE))).astype(np.float32)


@pytest.mark.parametrize("cents", [-49.0, -40.0, -20.0, -5.0, 0.0, 1.0, 15.0, 33.0, 49.0])
def test_tuning_of_chords(cents: float) -> None:
    found = estimate_tuning(_chords(KEYS[3], cents))
    assert found is not None
    assert found == pytest.approx(cents, abs=1.5)
    assert -50 <= found < 50


@pytest.mark.parametrize(("seed", "cents"), [(0, -38.0), (1, 22.5), (2, 0.0)])
def test_tuning_of_a_song_with_drums_and_a_voice(seed: int, cents: float) -> None:
    song = songs.compose(tonic=4, seconds=12, sample_rate=RATE, channels=1, seed=seed, cents=cents)
    assert estimate_tuning(song.mix[:, 0]) == pytest.approx(cents, abs=3)


@pytest.mark.parametrize("seconds", [0.0, 0.1, 0.6, 5.0])
def test_silence_and_noise_have_no_tuning(seconds: float) -> None:
    silence = np.zeros(round(seconds * RATE), np.float32)
    assert estimate_tuning(silence) is None
    assert quick_key(silence, 0.0) is None
    assert estimate_tuning(_noise(seconds)) is None
    assert quick_key(_noise(seconds), 0.0) is None


@pytest.mark.parametrize("key", KEYS, ids=str)
def test_every_key_is_heard_at_once(key: KeyName) -> None:
    found = quick_key(_chords(key), 0.0)
    assert found is not None
    assert found.name == key
    assert found.runner_up != key
    assert 0 <= found.runner_up_confidence <= found.confidence <= 1


@pytest.mark.parametrize("cents", [-45.0, 30.0])
def test_the_tuning_keeps_the_pitch_classes_apart(cents: float) -> None:
    mono = _chords(KeyName(9, "minor"), cents)
    in_tune, out_of_tune = quick_key(mono, cents), quick_key(_chords(KeyName(9, "minor")), 0.0)
    assert in_tune is not None
    assert out_of_tune is not None
    assert in_tune.name == out_of_tune.name == KeyName(9, "minor")
    assert in_tune.confidence == pytest.approx(out_of_tune.confidence, abs=0.05)


def test_level_does_not_matter() -> None:
    mono = _chords(KEYS[0], 12.0)
    assert estimate_tuning(mono / np.float32(500)) == pytest.approx(estimate_tuning(mono), abs=0.01)


def test_long_input_is_heard_in_pieces_and_can_be_stopped() -> None:
    mono = np.tile(_chords(KEYS[7], -17.0), 20)
    heard: list[float] = []
    assert estimate_tuning(mono, heard.append) == pytest.approx(-17, abs=1.5)
    assert heard == sorted(heard)
    assert heard[-1] == 1.0
    assert len(heard) > 3
    with pytest.raises(Cancelled):
        estimate_tuning(mono, cancelled=lambda: True)
