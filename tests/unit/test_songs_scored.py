"""The bench's scores: the truth itself is right in everything, and each mistake costs what it should."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from services.mir.analysis.findings import Analysis, Chord, Key, KeyName, Metre, Tempo
from tests.songs import Truth, truth_of
from tests.songs.scoring import Answer, of_analysis, score

TRUTH = truth_of(1)


def told(truth: Truth) -> Answer:
    """The truth as an answer."""
    return Answer(
        bpm=truth.tempo_bpm,
        beats=truth.beats,
        downbeats=truth.downbeats,
        metre=truth.metre,
        key=(truth.tonic, truth.mode),
        keys=tuple((span.start, span.end, span.tonic, span.mode) for span in truth.keys),
        cents=truth.cents,
        chords=tuple((chord.start, chord.end, chord.root, chord.quality) for chord in truth.chords),
        sections=tuple((part.start, part.end, part.label) for part in truth.parts),
    )


@pytest.mark.parametrize("seed", [1, 2, 5, 8])
def test_the_truth_scores_fully(seed: int) -> None:
    truth = truth_of(seed)
    scores = score(told(truth), truth)
    sections = ("sections_f_half", "sections_f_three", "sections_pairwise")
    full = ("acc1", "acc2", "beat_f", "downbeat_f", "metre", "key", "key_weighted", "keys", "chords", *sections)
    assert [scores[name] for name in full] == pytest.approx([1.0] * len(full))
    assert scores["cents"] == pytest.approx(0)
    assert np.abs(scores["beat_errors"]).max() == 0


def test_silence_scores_nothing() -> None:
    scores = score(Answer(), TRUTH)
    sections = ("sections_f_half", "sections_f_three")
    nothing = ("acc1", "acc2", "beat_f", "downbeat_f", "metre", "key", "key_weighted", "keys", "chords", *sections)
    assert [scores[name] for name in nothing] == [0.0] * len(nothing)
    assert scores["cents"] is None


def test_half_the_tempo_is_right_at_another_level_only() -> None:
    scores = score(replace(told(TRUTH), bpm=TRUTH.tempo_bpm / 2, beats=TRUTH.beats[::2]), TRUTH)
    assert (scores["acc1"], scores["acc2"]) == (0.0, 1.0)
    assert scores["beat_f"] == pytest.approx(2 / 3, abs=0.02)


def test_sections_a_second_late_are_right_within_three() -> None:
    sections = told(TRUTH).sections
    scores = score(
        replace(told(TRUTH), sections=tuple((start + 1, end + 1, name) for start, end, name in sections)), TRUTH
    )
    assert (scores["sections_f_half"], scores["sections_f_three"]) == (0.0, 1.0)
    assert 0.7 < scores["sections_pairwise"] < 1.0


def test_late_beats_have_positive_errors() -> None:
    scores = score(replace(told(TRUTH), beats=tuple(at + 0.04 for at in TRUTH.beats)), TRUTH)
    assert scores["beat_f"] == 1.0
    assert np.median(scores["beat_errors"]) == pytest.approx(0.04)


def test_the_relative_key_is_half_wrong_and_the_fifth_is_nearer() -> None:
    truth = replace(TRUTH, tonic=0, mode="major")
    assert score(replace(told(truth), key=(9, "minor")), truth)["key_weighted"] == 0.3
    assert score(replace(told(truth), key=(7, "major")), truth)["key_weighted"] == 0.5


def test_tuning_wraps_at_half_a_semitone() -> None:
    truth = replace(TRUTH, cents=49.0)
    assert score(replace(told(truth), cents=-49.0), truth)["cents"] == pytest.approx(2)


def test_an_analysis_becomes_an_answer() -> None:
    key = KeyName(3, "minor")
    found = Analysis(
        10.0,
        tempo=Tempo(90.0, 0.7),
        metre=Metre(6, 8, 0.6),
        key=Key(key, 0.9, KeyName(6, "major")),
        chords=(Chord(0.0, 4.0, 3, "minor_seventh", 0.9), Chord(4.0, 10.0, None, "none", 0.9)),
    )
    answer = of_analysis(found, 1.5)
    assert (answer.bpm, answer.metre, answer.key) == (90.0, (6, 8), (3, "minor"))
    assert answer.chords == ((0.0, 4.0, 3, "min7"), (4.0, 10.0, 0, "N"))
    assert (answer.tempo_confidence, answer.metre_confidence, answer.key_confidence) == (0.7, 0.6, 0.9)
