"""Sections and passages of songs that were put together from parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from services.mir.analysis.findings import Beats, Chord
from services.mir.analysis.form import Form, hear_features, hear_form
from services.mir.analysis.preparation import RATE
from services.mir.analysis.progress import Cancelled
from tests.songs import compose

Mono = NDArray[np.float32]
Part = tuple[int, int, tuple[str, ...]]  # a song's seed, how many of its bars, which of its stems rest

BPM = 120.0
BAR = 4 * 60 / BPM


@cache
def _part(seed: int, bars: int, rest: tuple[str, ...]) -> Mono:
    stems = compose(tempo_bpm=BPM, seconds=bars * BAR, sample_rate=RATE, channels=1, seed=seed).stems
    part: Mono = np.sum([pcm[:, 0] for name, pcm in stems.items() if name not in rest], axis=0)
    return part


def _song(parts: Sequence[Part]) -> Mono:
    return np.concatenate([_part(*part) for part in parts])


def _beats(mono: Mono, first: float = 0.0) -> Beats:
    seconds = np.arange(first, len(mono) / RATE, BAR / 4)
    return Beats(tuple(seconds.tolist()), tuple(n % 4 + 1 for n in range(len(seconds))), 1.0, 1.0)


def _heard(mono: Mono, beats: Beats | None) -> Form:
    return hear_form(hear_features(mono), beats, len(mono) / RATE)


def _bars(form: Form) -> list[tuple[str, int, int]]:
    """Letter, first bar and number of bars of every section."""
    return [(section.label, round(section.start / BAR), section.bars) for section in form.sections]


REST = ("drums", "lead")


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([(15, 8, ("lead",)), (16, 8, ()), (15, 8, ("lead",)), (16, 8, ())], "ABAB"),
        ([(61, 4, REST), (61, 8, ()), (61, 4, ("drums",)), (61, 8, ())], "ABCB"),
        ([(31, 8, ()), (32, 8, ()), (33, 8, ()), (31, 8, ())], "ABCA"),
        ([(5, 8, REST), (5, 16, ())], "AB"),
    ],
)
def test_sections_are_where_they_were_put_together(parts: list[Part], expected: str) -> None:
    mono = _song(parts)
    firsts = np.cumsum([0, *(bars for _, bars, _ in parts)]).tolist()
    heard = _bars(_heard(mono, _beats(mono)))
    assert heard == [
        (letter, first, bars) for letter, first, (_, bars, _) in zip(expected, firsts[:-1], parts, strict=True)
    ]


def test_sections_cover_the_track_and_begin_on_downbeats() -> None:
    song = _song([(61, 4, REST), (61, 8, ()), (61, 4, ("drums",)), (61, 8, ())])
    pickup = BAR / 2
    mono = np.concatenate([np.zeros(round(pickup * RATE), np.float32), song, np.zeros(RATE, np.float32)])
    beats = _beats(mono, pickup)
    form = _heard(mono, beats)
    assert form.sections[0].start == 0.0
    assert form.sections[-1].end == len(mono) / RATE
    assert all(one.end == other.start for one, other in pairwise(form.sections))
    assert {section.start for section in form.sections[1:]} <= set(beats.downbeats)
    assert sum(section.bars for section in form.sections) == len(beats.downbeats)
    assert len(form.sections) == 4


@pytest.mark.parametrize("seed", [3, 11, 51])
def test_one_loop_from_beginning_to_end_has_no_form(seed: int) -> None:
    mono = _song([(seed, 24, ())])
    form = _heard(mono, _beats(mono))
    assert form.sections == ()
    assert form.absences == {"sections": "no_form"}


@pytest.mark.parametrize("seeds", [(31, 32), (15, 16)])
def test_parts_that_differ_in_their_chords_are_one_section_where_the_chords_are_the_same(
    seeds: tuple[int, int],
) -> None:
    mono = _song([(seed, 8, ()) for seed in seeds])
    seconds = len(mono) / RATE
    features, beats = hear_features(mono), _beats(mono)
    changed = (Chord(0.0, 8 * BAR, 0, "major", 1.0), Chord(8 * BAR, seconds, 6, "minor", 1.0))
    assert [section.label for section in hear_form(features, beats, seconds, changed).sections] == ["A", "B"]
    held = (Chord(0.0, seconds, 0, "major", 1.0),)
    assert hear_form(features, beats, seconds, held).absences == {"sections": "no_form"}


def test_a_softer_copy_has_the_same_form() -> None:
    mono = _song([(5, 8, REST), (5, 16, ())])
    soft, loud = (_heard(gain * mono, _beats(mono)).sections for gain in (np.float32(0.01), np.float32(1)))
    assert [section.label for section in loud] == ["A", "B"]
    assert [replace(section, confidence=0.0) for section in soft] == [
        replace(section, confidence=0.0) for section in loud
    ]
    assert [section.confidence for section in soft] == pytest.approx([section.confidence for section in loud], abs=1e-3)


def test_without_a_pulse_sections_are_not_counted_in_bars() -> None:
    seconds = np.arange(30 * RATE) / RATE
    drone = sum(np.sin(2 * np.pi * hertz * seconds) for hertz in (220, 277, 330))
    rustle = np.random.default_rng(0).standard_normal(30 * RATE)
    form = _heard(np.concatenate([0.1 * drone, 0.1 * rustle]).astype(np.float32), None)
    assert [(section.label, section.bars) for section in form.sections] == [("A", 0), ("B", 0)]
    assert form.sections[1].start == pytest.approx(30, abs=2)
    assert form.passages == ()
    assert form.absences == {"passages": "no_pulse"}


def test_the_hard_bars_are_the_passage() -> None:
    """Eight bars of whole notes on one chord, four of sixteenths all over the scale, eight of whole notes."""
    rng = np.random.default_rng(0)
    easy = [_notes([60.0] * bars, BAR) for bars in (8, 8)]
    hard = _notes(rng.choice([60, 62, 63, 66, 67, 69, 71, 73], 64).astype(float).tolist(), BAR / 16)
    mono = np.concatenate([easy[0], hard, easy[1]])
    passages = _heard(mono, _beats(mono)).passages
    assert (passages[0].start, passages[0].end) == (8 * BAR, 12 * BAR)
    assert passages[0].onset_density == 1.0
    assert passages[0].difficulty > 0.9


@pytest.mark.parametrize(("bpm", "bars"), [(40, 2), (60, 2), (120, 4), (235, 8), (480, 8)])
def test_passages_last_two_to_eight_bars_and_do_not_overlap(bpm: float, bars: int) -> None:
    mono = _song([(3, 24, ())])
    bar = 240 / bpm
    downbeats = np.arange(0.0, len(mono) / RATE, bar)
    beats = Beats(tuple(downbeats.tolist()), (1,) * len(downbeats), 1.0, 1.0)
    passages = _heard(mono, beats).passages
    assert len(passages) == 3
    for passage in passages:
        assert passage.start in beats.downbeats
        assert passage.end - passage.start == pytest.approx(bars * bar)
        parts = (passage.onset_density, passage.harmonic_change, passage.spectral_complexity)
        assert passage.difficulty == pytest.approx(np.mean(parts))
        assert all(0 <= part <= 1 for part in parts)
    assert [passage.difficulty for passage in passages] == sorted((p.difficulty for p in passages), reverse=True)
    in_time = sorted(passages, key=lambda passage: passage.start)
    assert all(one.end <= other.start + 1e-9 for one, other in pairwise(in_time))


def test_a_few_bars_have_no_form() -> None:
    mono = _song([(3, 6, ())])
    assert _heard(mono, _beats(mono)).absences == {"sections": "too_short"}
    beats = Beats((0.1, 0.6), (1, 2), 1.0, 1.0)
    assert _heard(mono[:RATE], beats).absences == {"sections": "too_short", "passages": "too_short"}


@pytest.mark.parametrize("frames", [0, 1, RATE, 40 * RATE])
@pytest.mark.parametrize("level", [0.0, 1e-5])
def test_silence_has_no_form(frames: int, level: float) -> None:
    form = _heard(np.full(frames, level, np.float32), None)
    assert (form.sections, form.passages) == ((), ())
    assert form.absences == {"sections": "silent", "passages": "silent"}


@pytest.mark.parametrize("frames", [1, 100, 5_000])
def test_a_moment_of_sound_is_too_short(frames: int) -> None:
    assert _heard(np.full(frames, 0.5, np.float32), None).absences == {"sections": "too_short", "passages": "no_pulse"}


def test_features_follow_the_track_in_time() -> None:
    """Chroma and level of a note that follows another after 45 s, beyond the first chunks."""
    mono = np.concatenate([_notes([69.0], 45.0), 0.1 * _notes([60.0], 45.0)])
    features = hear_features(mono)
    assert len(features.chroma) == len(features.cepstrum) == 450
    assert len(features.onsets) == 4500
    assert features.chroma[10:220, 9].min() > 0.3
    assert features.chroma[230:440, 0].min() > 0.3
    assert features.cepstrum[:225, 0].mean() > features.cepstrum[225:, 0].mean() + 3
    assert int(features.onsets[2000:].argmax()) + 2000 == pytest.approx(2250, abs=4)


def test_chroma_follows_the_tuning() -> None:
    mono = _notes([69.4], 5.0)
    straight, tuned = (hear_features(mono, cents).chroma.mean(axis=0) for cents in (0.0, 40.0))
    assert tuned[9] > straight[9] + 0.1


def test_progress_and_cancelling() -> None:
    mono = _notes([60.0], 70.0)
    heard: list[float] = []
    hear_features(mono, progress=heard.append)
    assert heard == sorted(heard)
    assert heard[-1] == 1.0
    assert len(heard) == 4
    with pytest.raises(Cancelled):
        hear_features(mono, cancelled=lambda: True)


def _notes(pitches: Sequence[float], seconds: float) -> Mono:
    """One plucked note after the other; pitches as MIDI numbers."""
    time = np.arange(round(seconds * RATE)) / RATE
    ring = np.exp(-time / max(seconds, 0.3)) * np.minimum(1, time / 0.005)
    notes = [
        sum(ring * np.sin(2 * np.pi * n * 440 * 2 ** ((pitch - 69) / 12) * time) / n for n in (1, 2, 3))
        for pitch in pitches
    ]
    return (0.3 * np.concatenate(notes)).astype(np.float32)
