"""Whatever it is given, the analysis answers each question or says why not; of a voice alone too."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final, get_args

import numpy as np
import pytest
from numpy.typing import NDArray

from services.mir.analysis import analysing
from services.mir.analysis.findings import Analysis, Finding, KeyName
from services.mir.analysis.networks import Networks, load_networks
from tests.songs import Song, compose, compose_song, draw_recipe

RATE: Final = 22_050
WEIGHTS = Path(".puremusic/weights/mir")  # `make weights` fills it
Pcm = NDArray[np.float32]

SUNG: Final = (0, 2, 14, 24)  # seeds of songs with a singer


@cache
def _networks() -> Networks:
    return load_networks(WEIGHTS)


@cache
def _sung(seed: int) -> tuple[Song, Analysis]:
    """A song, and what is heard of its singer alone."""
    assert draw_recipe(seed).lead == "voice"
    song = compose_song(seed)
    return song, analysing.analyse(song.stems["lead"], song.sample_rate, _networks())


def _answered(heard: Analysis) -> set[Finding]:
    answers: dict[Finding, object] = {
        "tempo": heard.tempo,
        "grid": heard.tempo and heard.tempo.grid,
        "beats": heard.beats,
        "metre": heard.metre,
        "key": heard.key,
        "tuning": heard.tuning_cents is not None,
        "chords": heard.chords,
        "sections": heard.sections,
        "passages": heard.passages,
        "loudness": heard.loudness.integrated_lufs,
    }
    return {finding for finding, answer in answers.items() if answer}


def _sounds() -> dict[str, Pcm]:
    at = np.arange(12 * RATE) / RATE
    song = compose(tempo_bpm=118, seconds=12, sample_rate=RATE, channels=1)
    return {
        "silence": np.zeros((3 * RATE, 1), np.float32),
        "noise": (0.1 * np.random.default_rng(0).standard_normal((12 * RATE, 1))).astype(np.float32),
        "a held note": (0.3 * np.sin(2 * np.pi * 440 * at)).astype(np.float32)[:, None],
        "drums": song.stems["drums"],
        "a song": song.mix,
        "a second of a song": song.mix[:RATE],
        "a tenth of it": song.mix[: RATE // 10],
        "nothing": song.mix[:0],
    }


@pytest.mark.parametrize("name", list(_sounds()))
def test_every_question_has_an_answer_or_a_reason(name: str) -> None:
    heard = analysing.analyse(_sounds()[name], RATE, _networks())
    assert _answered(heard) ^ set(heard.absences) == set(get_args(Finding))
    assert not _answered(heard) & set(heard.absences)


@pytest.mark.parametrize("seed", SUNG)
def test_of_a_voice_alone_too(seed: int) -> None:
    _, heard = _sung(seed)
    assert _answered(heard) ^ set(heard.absences) == set(get_args(Finding))
    assert not _answered(heard) & set(heard.absences)
    assert heard.absences["chords"] == "no_pitch", "one voice sings no chords"


@pytest.mark.parametrize("seed", SUNG)
def test_of_a_voice_alone_nothing_is_said_surely_that_is_wrong(seed: int) -> None:
    song, heard = _sung(seed)
    truth = song.truth
    if heard.tempo and heard.tempo.confidence > 0.8:
        assert heard.tempo.bpm == pytest.approx(truth.tempo_bpm, rel=0.04)
    if heard.key and heard.key.confidence > 0.8:
        assert heard.key.name == KeyName(truth.tonic, truth.mode)
    assert heard.tuning_cents is not None
    assert heard.tuning_cents == pytest.approx(truth.cents, abs=10), "a singer is a few cents off"


def test_a_melody_that_is_clear_has_its_key() -> None:
    names = {seed: heard.key and heard.key.name for seed, (_, heard) in ((seed, _sung(seed)) for seed in SUNG)}
    right = [names[seed] == KeyName(_sung(seed)[0].truth.tonic, _sung(seed)[0].truth.mode) for seed in SUNG]
    assert sum(right) >= 2
