"""What is told before the chords are heard: right where it is told, and without effect on what is heard in the end."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from services.mir.analysis.analysing import Recording, analyse_recording
from services.mir.analysis.findings import Analysis, KeyName
from services.mir.analysis.networks import Networks, load_networks
from services.mir.analysis.preparation import prepare
from tests.songs import Song, compose

RATE = 22_050
WEIGHTS = Path(".puremusic/weights/mir")  # `make weights` fills it


@pytest.fixture(scope="module")
def networks() -> Networks:
    return load_networks(WEIGHTS)


@pytest.fixture(scope="module")
def song() -> Song:
    return compose(tempo_bpm=104, tonic=9, mode="minor", seconds=16, sample_rate=RATE, channels=1, cents=20)


def firsts(recording: Recording, networks: Networks) -> list[Analysis]:
    """Every first analysis that was told."""
    told: list[Analysis] = []
    analyse_recording(recording, networks, tell_first=told.append)
    return told


def test_tempo_and_key_are_told_first(networks: Networks, song: Song) -> None:
    recording = Recording(prepare(song.mix, RATE))
    (first,) = firsts(recording, networks)
    assert first.provisional
    assert first.tempo is not None
    assert first.tempo.bpm == pytest.approx(104, rel=0.01)
    assert first.key is not None
    assert first.key.name == KeyName(9, "minor")
    assert first.tuning_cents == pytest.approx(20, abs=4)
    assert first.beats is not None
    assert first.metre is not None
    assert (first.loudness, first.silence) == (recording.mix.loudness, recording.mix.silence)
    assert not first.chords
    assert not first.absences


def test_telling_first_changes_nothing_of_what_is_heard(networks: Networks, song: Song) -> None:
    recording = Recording(prepare(song.mix, RATE))
    whole = analyse_recording(recording, networks).analysis
    assert not whole.provisional
    assert analyse_recording(recording, networks, tell_first=lambda first: None).analysis == whole


def test_with_stems_the_first_key_is_that_of_the_harmonic_ones(networks: Networks, song: Song) -> None:
    drums = prepare(song.stems["drums"], RATE)
    harmonic = prepare(song.stems["bass"] + song.stems["chords"], RATE)
    (first,) = firsts(Recording(drums, {"drums": drums}, harmonic), networks)
    assert first.source == "stems"
    assert first.key is not None
    assert first.key.name == KeyName(9, "minor")


def test_drums_have_a_first_tempo_and_no_key(networks: Networks, song: Song) -> None:
    (first,) = firsts(Recording(prepare(song.stems["drums"], RATE)), networks)
    assert first.tempo is not None
    assert (first.key, first.tuning_cents) == (None, None)


def test_what_is_absent_already_has_its_reason(networks: Networks) -> None:
    noise = 0.1 * np.random.default_rng(0).standard_normal((12 * RATE, 1))
    (first,) = firsts(Recording(prepare(noise.astype(np.float32), RATE)), networks)
    assert first.tempo is None
    assert first.absences["tempo"] == "no_pulse"
    assert "chords" not in first.absences


def test_silence_is_told_once_and_whole(networks: Networks) -> None:
    assert not firsts(Recording(prepare(np.zeros((RATE, 1), np.float32), RATE)), networks)
