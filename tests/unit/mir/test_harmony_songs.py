"""Harmony of songs whose truth is known, and of what has none."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
import pytest

from services.mir.analysis.findings import Chord, KeyName
from services.mir.analysis.harmony import Harmony, estimate_tuning, hear_harmony, quick_key
from services.mir.analysis.networks import Networks, load_networks
from services.mir.analysis.preparation import RATE, Mono
from tests import songs

WEIGHTS: Final = Path(".puremusic/weights/mir")  # `make weights` fills it
SECONDS: Final = 16.0


@cache
def _networks() -> Networks:
    return load_networks(WEIGHTS)


@cache
def _song(seed: int) -> songs.Song:
    mode: songs.Mode = "minor" if seed % 2 else "major"
    return songs.compose(
        tempo_bpm=80 + 9 * seed,
        tonic=seed * 5 % 12,
        mode=mode,
        seconds=SECONDS,
        sample_rate=RATE,
        channels=1,
        seed=seed,
        cents=12.0 * (seed - 2),
    )


@cache
def _heard(seed: int) -> Harmony:
    return _hear(_song(seed).mix[:, 0])


def _hear(mono: Mono) -> Harmony:
    tuning = estimate_tuning(mono)
    first_key = None if tuning is None else quick_key(mono, tuning)
    return hear_harmony(_networks().chord_activations(mono, tuning or 0.0), None, len(mono) / RATE, tuning, first_key)


def _agreement(heard: tuple[Chord, ...], truth: tuple[songs.Chord, ...]) -> float:
    """The share of the time in which root and third are right."""
    moments = np.arange(0.05, SECONDS, 0.1)
    ours = (next(chord for chord in heard if chord.start <= at < chord.end) for at in moments)
    theirs = (next(chord for chord in truth if chord.start <= at < chord.end) for at in moments)
    same = [
        one.root == other.root and one.quality.startswith("minor") == (other.quality == "min")
        for one, other in zip(ours, theirs, strict=True)
    ]
    return float(np.mean(same))


@pytest.mark.parametrize("seed", range(5))
def test_a_song_has_its_chords_and_its_key(seed: int) -> None:
    truth = _song(seed).truth
    heard = _heard(seed)
    assert _agreement(heard.chords, truth.chords) > 0.9
    assert heard.key is not None
    assert heard.key.name == KeyName(truth.tonic, truth.mode)
    assert len(heard.key_sections) == 1


def test_a_song_that_moves_up_has_two_keys() -> None:
    low, high = (
        songs.compose(tonic=tonic, seconds=SECONDS, sample_rate=RATE, channels=1, seed=2).mix[:, 0] for tonic in (3, 5)
    )
    heard = _hear(np.concatenate([low, high[: len(high) // 2]]))
    assert [section.name for section in heard.key_sections] == [KeyName(3, "major"), KeyName(5, "major")]
    assert heard.key_sections[1].start == pytest.approx(SECONDS, abs=0.3)
    assert heard.key is not None
    assert heard.key.name == KeyName(3, "major")


def test_a_melody_alone_has_no_chords() -> None:
    heard = _hear(_song(0).stems["lead"][:, 0])
    assert heard.chords == ()
    assert heard.absences["chords"] == "no_pitch"


@pytest.mark.parametrize("what", ["drums", "noise", "silence"])
def test_what_has_no_pitch_has_no_harmony(what: str) -> None:
    noise = 0.1 * np.random.default_rng(0).standard_normal(8 * RATE).astype(np.float32)
    sounds: dict[str, Mono] = {"drums": _song(0).stems["drums"][:, 0], "noise": noise, "silence": 0 * noise}
    assert _hear(sounds[what]) == Harmony(absences={"chords": "no_pitch", "key": "no_pitch", "tuning": "no_pitch"})


@pytest.mark.parametrize("seconds", [0.0, 0.02, 0.4, 0.6, 1.0])
def test_a_moment_is_no_trouble(seconds: float) -> None:
    heard = _hear(_song(1).mix[: round(seconds * RATE), 0])
    assert (heard.absences.get("key") == "too_short") == (seconds < 0.5)
    if heard.chords:
        assert heard.chords[-1].end == pytest.approx(seconds, abs=1e-3)


def test_the_same_song_is_heard_the_same() -> None:
    assert _hear(_song(2).mix[:, 0]) == _heard(2)
