"""Harmony from what a chord network might hear."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from services.mir.analysis.activations import BEAT_FRAMES_PER_SECOND, CHORD_FRAMES_PER_SECOND, ChordActivations
from services.mir.analysis.findings import Beats, Chord, Key, KeyName, Quality
from services.mir.analysis.harmony import Harmony, harmonic_change, hear_harmony

# The network's classes: the type of its triad, and of its seventh.
CLASSES: dict[Quality, tuple[int, int]] = {
    "major": (0, 0),
    "minor": (1, 0),
    "dominant_seventh": (0, 2),
    "major_seventh": (0, 1),
    "minor_seventh": (1, 2),
    "diminished": (4, 0),
}
NOTES: dict[Quality, tuple[int, ...]] = {
    "major": (0, 4, 7),
    "minor": (0, 3, 7),
    "dominant_seventh": (0, 4, 7, 10),
    "major_seventh": (0, 4, 7, 11),
    "minor_seventh": (0, 3, 7, 10),
    "diminished": (0, 3, 6),
    "none": (),
}
KEYS = [KeyName(tonic, mode) for mode in ("major", "minor") for tonic in range(12)]
Name = tuple[int | None, Quality]

CADENCES: dict[str, tuple[Name, ...]] = {
    "major": ((0, "major"), (5, "major"), (7, "major"), (9, "minor"), (2, "minor"), (7, "dominant_seventh")),
    "minor": ((0, "minor"), (8, "major"), (5, "minor"), (0, "minor"), (7, "dominant_seventh")),
}


def _heard(chords: Sequence[tuple[float, Name]], noise: float = 1.0, seed: int = 0) -> ChordActivations:
    """Activations for chords of the given seconds, noisy, as a network gives them."""
    rng = np.random.default_rng(seed)
    ends = np.round(np.cumsum([seconds for seconds, _ in chords]) * CHORD_FRAMES_PER_SECOND).astype(int)
    triad, seventh = (rng.normal(0, noise, (ends[-1], classes)) for classes in (73, 4))
    chroma = rng.uniform(0, 0.3, (ends[-1], 12)).astype(np.float32)
    for first, last, (_, (root, quality)) in zip([0, *ends[:-1]], ends, chords, strict=True):
        kind, added = CLASSES[quality] if root is not None and quality != "none" else (0, 0)
        triad[first:last, 0 if root is None else 1 + 12 * kind + root % 12] += 7
        seventh[first:last, added] += 5
        chroma[first:last, [((root or 0) + note) % 12 for note in NOTES[quality]]] += 1
    bass = np.full((ends[-1], 13), 1 / 13, np.float32)
    return ChordActivations(_softmax(triad), bass, _softmax(seventh), chroma)


def _softmax(logits: NDArray[np.float64]) -> NDArray[np.float32]:
    exponentials = np.exp(logits)
    shares: NDArray[np.float64] = exponentials / exponentials.sum(axis=1, keepdims=True)
    return shares.astype(np.float32)


def _in_key(key: KeyName, times: int = 3, seconds: float = 2.0) -> list[tuple[float, Name]]:
    """A cadence in a key, some times over, and its tonic."""
    names = [*CADENCES[key.mode] * times, CADENCES[key.mode][0]]
    return [(seconds, ((root or 0) + key.tonic, quality)) for root, quality in names]


def _hear(chords: Sequence[tuple[float, Name]], beats: Beats | None = None) -> Harmony:
    return hear_harmony(_heard(chords), beats, sum(seconds for seconds, _ in chords), 0.0)


def _names(chords: Sequence[Chord]) -> list[Name]:
    return [(chord.root, chord.quality) for chord in chords]


def _every(seconds: float, count: int) -> Beats:
    return Beats(tuple(seconds * n for n in range(count)), tuple(1 + n % 4 for n in range(count)), 1.0, 1.0)


@pytest.mark.parametrize("key", KEYS, ids=str)
def test_every_key_is_heard_from_its_chords(key: KeyName) -> None:
    heard = _hear(_in_key(key))
    assert heard.key is not None
    assert heard.key.name == key
    assert heard.key.confidence > 0.8
    assert heard.key.runner_up != key
    assert [section.name for section in heard.key_sections] == [key]
    assert heard.absences == {}


@pytest.mark.parametrize("quality", CLASSES)
def test_every_chord_is_named(quality: Quality) -> None:
    names: list[Name] = [(root, quality) for root in (0, 3, 7, 10)]
    heard = _hear([(1.0, name) for name in names])
    assert _names(heard.chords) == names
    assert all(chord.confidence > 0.5 for chord in heard.chords)


def test_chords_follow_each_other_from_beginning_to_end() -> None:
    chords = [(1.5, (None, "none")), *_in_key(KEYS[0]), (2.25, (None, "none"))]
    heard = _hear(chords)
    assert heard.chords[0].start == 0.0
    assert heard.chords[-1].end == sum(seconds for seconds, _ in chords)
    assert all(one.end == other.start for one, other in zip(heard.chords, heard.chords[1:], strict=False))
    assert _names(heard.chords)[0] == _names(heard.chords)[-1] == (None, "none")


def test_changes_are_heard_off_the_beat_and_fall_on_beats_that_are_near() -> None:
    chords: list[tuple[float, Name]] = [(2.02, (0, "major")), (0.73, (5, "major")), (1.25, (7, "major"))]
    changes = [chord.start for chord in _hear(chords, _every(0.5, 8)).chords]
    assert changes == [0.0, 2.0, pytest.approx(2.75, abs=0.03)]


def test_a_moment_of_another_chord_is_no_change() -> None:
    heard = _hear([(2.0, (0, "major")), (0.03, (6, "minor")), (2.0, (0, "major"))])
    assert _names(heard.chords) == [(0, "major")]


@pytest.mark.parametrize("step", [1, 2, 3, 5, 7, 10])
@pytest.mark.parametrize("mode", ["major", "minor"])
def test_a_modulation_is_found_where_it_happens(mode: str, step: int) -> None:
    before, after = KeyName(4, mode), KeyName((4 + step) % 12, mode)  # type: ignore[arg-type]  # a parameter
    chords = [*_in_key(before, 3), *_in_key(after, 2)]
    heard = _hear(chords)
    assert [section.name for section in heard.key_sections] == [before, after]
    change = sum(seconds for seconds, _ in _in_key(before, 3))
    assert heard.key_sections[1].start == pytest.approx(change, abs=4.1)
    assert heard.key_sections[0].end == heard.key_sections[1].start
    assert heard.key is not None
    assert heard.key.name == before


def test_a_borrowed_chord_and_a_secondary_dominant_are_no_modulation() -> None:
    borrowed: list[tuple[float, Name]] = [(2.0, (5, "minor")), (2.0, (8, "major")), (2.0, (2, "dominant_seventh"))]
    chords = [*_in_key(KEYS[0]), *borrowed, *_in_key(KEYS[0])]
    assert [section.name for section in _hear(chords).key_sections] == [KEYS[0]]


def test_ambiguous_chords_leave_doubt() -> None:
    heard = _hear([(2.0, (0, "major")), (2.0, (9, "minor"))] * 3)
    assert heard.key is not None
    assert heard.key.confidence < 0.8
    assert {heard.key.name, heard.key.runner_up} <= {KeyName(0, "major"), KeyName(9, "minor"), KeyName(7, "major")}


def test_change_is_strong_where_the_chord_changes_and_nowhere_else() -> None:
    change = harmonic_change(_heard([(2.0, (0, "major")), (2.0, (5, "major"))]))
    assert len(change) == 4 * BEAT_FRAMES_PER_SECOND
    assert int(change.argmax()) == pytest.approx(2 * BEAT_FRAMES_PER_SECOND, abs=1)
    assert change.max() > 0.5
    assert change[: BEAT_FRAMES_PER_SECOND + 25].max() < 0.2


@pytest.mark.parametrize("frames", [0, 1])
def test_no_time_has_no_harmony(frames: int) -> None:
    heard = _heard([(1.0, (0, "major"))])
    few = ChordActivations(*(part[:frames] for part in vars(heard).values()))
    assert hear_harmony(few, None, frames * 0.02, 0.0).absences["chords"] == "too_short"
    assert len(harmonic_change(few)) == frames


@pytest.mark.parametrize(("tuning", "name"), [(None, (0, "major")), (0.0, (None, "none"))])
def test_what_has_no_pitch_has_no_harmony(tuning: float | None, name: Name) -> None:
    heard = hear_harmony(_heard([(8.0, name)]), None, 8.0, tuning)
    assert heard == Harmony(absences={"chords": "no_pitch", "key": "no_pitch", "tuning": "no_pitch"})


@pytest.mark.parametrize(("confidence", "key"), [(0.9, KEYS[4]), (0.2, None)])
def test_a_melody_has_no_chords_but_may_have_a_key(confidence: float, key: KeyName | None) -> None:
    silent = _heard([(8.0, (None, "none"))])
    heard = hear_harmony(silent, None, 8.0, 0.0, Key(KEYS[4], confidence, KEYS[16]))
    assert heard.chords == ()
    assert (heard.key and heard.key.name) == key
    assert [section.name for section in heard.key_sections] == ([key] if key else [])
    assert ("key" in heard.absences) == (key is None)
    assert heard.absences["chords"] == "no_pitch"
    assert heard.tuning_cents == 0.0


def test_the_same_is_heard_the_same() -> None:
    assert _hear(_in_key(KEYS[5])) == _hear(_in_key(KEYS[5]))
