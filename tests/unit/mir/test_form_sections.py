"""What sections are made of: cues, parts, and which bars and parts are alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from services.mir.analysis.findings import Chord, Quality
from services.mir.analysis.form import FRAMES_PER_SECOND, Features
from services.mir.analysis.form.cues import cues
from services.mir.analysis.form.features import ONSET_FRAMES_PER_SECOND
from services.mir.analysis.form.letters import letters
from services.mir.analysis.form.parts import describe
from services.mir.analysis.form.progressions import same_chords
from services.mir.analysis.form.sections import joined

BARS = 12
BAR = 2.0  # s
BOUNDS = np.arange(0, BARS * BAR + 1, BAR)


def _even() -> Features:
    """Of twelve bars in which nothing happens."""
    frames = int(BARS * BAR * FRAMES_PER_SECOND)
    onsets = int(BARS * BAR * ONSET_FRAMES_PER_SECOND)
    zeros, short = np.zeros(frames, np.float32), np.zeros(onsets, np.float32)
    return Features(np.zeros((frames, 13), np.float32), np.zeros((frames, 12), np.float32), zeros, zeros, short)


def _fill(features: Features) -> Features:
    onsets = features.onsets.copy()
    onsets[int(7.5 * ONSET_FRAMES_PER_SECOND) : 8 * ONSET_FRAMES_PER_SECOND] = 3.0
    return replace(features, onsets=onsets)


def _cymbal(features: Features) -> Features:
    brightness = features.brightness.copy()
    brightness[8 * FRAMES_PER_SECOND : 9 * FRAMES_PER_SECOND] = 0.5
    return replace(features, brightness=brightness)


def _entry(features: Features) -> Features:
    cepstrum = features.cepstrum.copy()
    cepstrum[8 * FRAMES_PER_SECOND :, 0] = 10.0
    return replace(features, cepstrum=cepstrum)


@pytest.mark.parametrize("announced", [_fill, _cymbal, _entry])
def test_what_announces_the_fifth_bar_is_a_cue_there(announced: Callable[[Features], Features]) -> None:
    found = cues(announced(_even()), BOUNDS)
    assert found.shape == (BARS + 1,)
    assert np.flatnonzero(found > 0.3).tolist() == [4]


def test_what_every_bar_does_is_no_cue() -> None:
    features = _even()
    loud = np.tile(np.repeat([4.0, 0.0], ONSET_FRAMES_PER_SECOND), BARS).astype(np.float32)
    assert np.abs(cues(replace(features, onsets=loud), BOUNDS)).max() < 1e-6


@pytest.mark.parametrize("bars", [0, 1, 2])
def test_few_bars_have_no_cues(bars: int) -> None:
    assert np.abs(cues(_even(), BOUNDS[: bars + 1])).max() == 0


def _alike(*bars: int) -> NDArray[np.float64]:
    """So many bars of one kind, so many of the next; 0.5 between a kind and a bar of no kind, told by a negative number."""
    kinds = np.repeat(np.arange(len(bars)), np.abs(bars))
    neither = np.repeat(np.array(bars) < 0, np.abs(bars))
    alike = np.equal.outer(kinds, kinds).astype(np.float64)
    alike[neither] = alike[:, neither] = 0.5
    np.fill_diagonal(alike, 1.0)
    return np.asarray(alike, np.float64)


@pytest.mark.parametrize(("between", "expected"), [((8, -1, 7), 8), ((7, -1, 8), 8), ((11, -2, 11), 12)])
def test_parts_come_in_fours_where_their_bars_do_not_say(between: tuple[int, ...], expected: int) -> None:
    alike = _alike(*between)
    assert describe(alike, regular=True).parts(np.zeros(len(alike) + 1)) == [0, expected, len(alike)]


@pytest.mark.parametrize("lengths", [(6, 10), (14, 18), (12, 12)])
def test_parts_of_other_lengths_are_heard_where_the_bars_say_so(lengths: tuple[int, int]) -> None:
    alike = _alike(*lengths)
    assert describe(alike, regular=True).parts(np.zeros(len(alike) + 1)) == [0, lengths[0], sum(lengths)]


@pytest.mark.parametrize("place", [8, 12])
def test_a_cue_decides_between_likely_places(place: int) -> None:
    alike = _alike(10, -4, 10)
    spoken = np.zeros(25)
    assert place not in describe(alike, regular=True).parts(spoken)
    spoken[place] = 1.0
    assert place in describe(alike, regular=True).parts(spoken)


def test_it_is_surer_where_bars_are_less_alike_and_where_a_cue_says_so() -> None:
    unspoken, spoken = np.zeros(17), np.eye(17)[8]
    found = []
    for between, cue in ((0.85, unspoken), (0.6, unspoken), (0.6, spoken), (0.0, spoken)):
        alike = np.maximum(_alike(8, 8), between)
        song = describe(alike, regular=True)
        assert song.parts(cue) == [0, 8, 16]
        found += song.confidences(cue, [8])
    assert 0 < found[0] < 0.8 < found[-1] < 1
    assert found == sorted(found)


def test_no_bars_have_no_parts() -> None:
    assert describe(np.zeros((0, 0)), regular=True).parts(np.zeros(1)) == [0]


def test_neighbours_of_one_letter_are_one_part() -> None:
    alike = _alike(8, 4)
    alike = np.pad(alike, ((0, 4), (0, 4)))
    alike[:8, 12:] = alike[12:, :8] = alike[12:, 12:] = 1.0
    bounds = [0, 4, 8, 12, 16]
    assert letters(alike, bounds, 0.25) == ["A", "A", "B", "A"]
    assert joined(bounds[:-1], ["A", "A", "B", "A"]) == ([0, 8, 12], ["A", "B", "A"])


@pytest.mark.parametrize(
    ("quality", "root", "least", "most"),
    [
        ("major", 0, 1.0, 1.0),
        ("dominant_seventh", 0, 0.9, 0.999),
        ("minor", 9, 0.3, 0.8),
        ("major", 6, 0.0, 0.01),
        ("none", None, 0.0, 0.01),
    ],
)
def test_chords_are_as_alike_as_their_tones(quality: Quality, root: int | None, least: float, most: float) -> None:
    chords = [Chord(0.0, 2.0, 0, "major", 1.0), Chord(2.0, 4.0, root, quality, 1.0)]
    alike = same_chords(chords, np.array([0.0, 2.0, 4.0]))
    assert np.diag(alike) == pytest.approx([1.0, 1.0])
    assert alike[0, 1] == alike[1, 0]
    assert least - 1e-9 <= alike[0, 1] <= most + 1e-9


def test_bars_with_half_of_their_chords_in_common_are_half_alike() -> None:
    chords = [Chord(0.0, 3.0, 0, "major", 1.0), Chord(3.0, 4.0, 6, "major", 1.0)]
    assert same_chords(chords, np.array([0.0, 2.0, 4.0]))[0, 1] == pytest.approx(0.5)
