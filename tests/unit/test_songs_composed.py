"""Whole songs: what is annotated is what sounds."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from tests.songs import Recipe, Song, compose_song, draw_recipe, gm, truth_of
from tests.songs.grooves import GROOVES
from tests.songs.performing import perform
from tests.songs.recording import RATE

PLAIN = replace(
    draw_recipe(0),
    bpm=120.0,
    tempo_shape="steady",
    tempo_change=1.0,
    groove="rock",
    comp="eighths",
    drums=True,
    swing=0.5,
    looseness=0.0,
    tonic=0,
    mode="major",
    cents=0.0,
    modulation=0,
    sevenths=False,
    borrowed=False,
    chord_rhythm="bar",
    bass=True,
    lead="instrument",
    pickup=0,
    intro="full",
    breakdown=False,
    sounds="plain",
    wet=0.1,
    lead_silence=0.0,
    seconds=20.0,
)
"""A song without any peculiarity, to which each test adds its own."""


def with_(**traits: Any) -> Recipe:
    return replace(PLAIN, **traits)


@pytest.fixture(scope="module")
def song() -> Song:
    return compose_song(
        1, with_(groove="motown", lead="voice", lead_silence=0.2, tempo_shape="drift", tempo_change=0.03)
    )


def test_the_mix_is_the_sum_of_its_stems(song: Song) -> None:
    assert set(song.stems) == {"drums", "bass", "chords", "lead"}
    assert np.abs(song.mix - np.sum(list(song.stems.values()), axis=0)).max() < 1e-6
    assert np.abs(song.mix).max() == pytest.approx(0.8, abs=1e-5)
    assert all(len(stem) == len(song.mix) for stem in song.stems.values())


def test_drums_are_struck_on_the_annotated_beats(song: Song) -> None:
    """Motown's snare sounds on every beat: also where the tempo drifts."""
    assert np.std(np.diff(song.truth.beats)) > 0.002
    assert all(rise(song, beat) > 10 for beat in song.truth.beats)


def rise(song: Song, at: float) -> float:
    """How many times more energy the drums have in the 15 ms after a moment than in those before; half a ms is neither's."""
    drums = song.stems["drums"][:, 0].astype(float)
    moment, window, margin = round(at * RATE), round(0.015 * RATE), round(0.0005 * RATE)
    after, before = drums[moment : moment + window], drums[moment - window : moment - margin]
    return float(np.sum(after**2) / (np.sum(before**2) + 1e-12))


@pytest.mark.skipif(gm.soundfont() is None, reason="fluidsynth or a soundfont is not installed")
def test_general_midi_drums_are_struck_on_the_annotated_beats() -> None:
    song = compose_song(1, with_(groove="motown", sounds="gm", lead_silence=0.2, seconds=12.0))
    assert set(song.stems) == {"drums", "bass", "chords", "lead"}
    assert np.median([rise(song, beat) for beat in song.truth.beats]) > 10


def test_without_fluidsynth_a_song_of_its_sounds_is_synthesised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gm, "soundfont", lambda: None)
    recipe = with_(lead="none", seconds=12.0)
    assert np.array_equal(compose_song(1, replace(recipe, sounds="gm")).mix, compose_song(1, recipe).mix)


def test_pitched_parts_are_detuned_as_annotated() -> None:
    def centre(cents: float) -> float:
        """The mean pitch of the bass's fundamentals, in cents above 1 Hz."""
        bass = compose_song(1, with_(cents=cents, seconds=12.0)).stems["bass"][:, 0]
        power = np.abs(np.fft.rfft(bass * np.hanning(len(bass)))) ** 2
        hertz = np.fft.rfftfreq(len(bass), 1 / RATE)
        low = (hertz > 30) & (hertz < 85)
        return float(np.average(1200 * np.log2(hertz[low]), weights=power[low]))

    assert centre(40) - centre(0) == pytest.approx(40, abs=8)


def test_the_same_seed_gives_the_same_samples() -> None:
    recipe = with_(lead="voice", seconds=12.0)
    assert np.array_equal(compose_song(5, recipe).mix, compose_song(5, recipe).mix)
    assert perform(5, recipe).tones != perform(6, recipe).tones
    assert draw_recipe(5) == draw_recipe(5) != draw_recipe(6)


@pytest.mark.parametrize("seed", range(40))
def test_every_truth_is_sound(seed: int) -> None:
    recipe, truth = draw_recipe(seed), truth_of(seed)
    assert all(54 < bpm < 202 for _seconds, bpm in truth.tempo_curve)
    assert all(early < late for early, late in pairwise(truth.beats))
    assert truth.beats.index(truth.downbeats[0]) == recipe.pickup
    assert set(truth.downbeats) == set(truth.beats[recipe.pickup :: recipe.beats_per_bar])
    assert truth.chords[0].start == 0
    assert all(before.end == after.start for before, after in pairwise(truth.chords))
    assert all(before.end == after.start for before, after in pairwise(truth.keys))
    assert 28 < truth.chords[-1].end < 60
    assert truth.active.keys() >= {"chords"}


@pytest.mark.parametrize("groove", GROOVES)
def test_a_groove_fills_whole_bars(groove: str) -> None:
    recipe = with_(groove=groove)
    bar = recipe.beats_per_bar * recipe.steps_per_beat
    assert all(len(pattern) % bar == 0 for pattern in recipe.style.drums.values())
    assert set("".join(recipe.style.drums.values())) <= set("xo.")
    assert truth_of(0, replace(recipe, comp=recipe.style.comps[0])).metre == recipe.style.metre


def test_a_ramp_ends_at_its_ratio() -> None:
    curve = truth_of(1, with_(tempo_shape="ramp", tempo_change=1.15)).tempo_curve
    assert curve[-1][1] / curve[0][1] == pytest.approx(1.15)


def test_a_step_happens_once_at_a_downbeat() -> None:
    truth = truth_of(1, with_(tempo_shape="step", tempo_change=0.8))
    steps = [after[0] for before, after in pairwise(truth.tempo_curve) if after[1] != pytest.approx(before[1])]
    assert len(steps) == 1
    assert steps[0] in truth.downbeats
    assert truth.tempo_bpm in (pytest.approx(120), pytest.approx(96))


def test_swing_delays_the_offbeats() -> None:
    performance = perform(1, with_(groove="shuffle", swing=0.64))
    places = [(hit.start / 0.5) % 1 for hit in performance.hits if hit.drum == "hat"]
    off = [place for place in places if 0.1 < place < 0.9]
    assert len(off) > 20
    assert off == pytest.approx([0.64] * len(off))


def test_a_modulation_moves_the_key_and_the_longer_one_is_the_songs() -> None:
    truth = truth_of(1, with_(modulation=3, tonic=11))
    assert [span.tonic for span in truth.keys] == [11, 2]
    assert truth.tonic == max(truth.keys, key=lambda span: span.end - span.start).tonic


def test_anticipated_chords_change_half_a_beat_before_the_bar() -> None:
    truth = truth_of(1, with_(chord_rhythm="anticipated"))
    nearest = [min((bar - chord.start for bar in truth.downbeats), key=abs) for chord in truth.chords[:-1]]
    assert {round(late, 6) for late in nearest} == {0.0, 0.25}


def test_sparse_intros_and_songs_without_drums() -> None:
    sparse = truth_of(1, with_(intro="sparse"))
    assert sparse.parts[0].label == "intro"
    assert sparse.active["drums"][0][0] >= sparse.parts[0].end - 0.01
    assert sparse.active["chords"][0][0] == 0
    assert "drums" not in truth_of(1, with_(drums=False)).active


def test_an_intro_of_drums_has_no_chords() -> None:
    truth = truth_of(1, with_(intro="drums"))
    assert truth.chords[0].quality == "N"
    assert truth.chords[0].end == truth.parts[0].end


def test_sevenths_and_borrowed_chords_are_annotated() -> None:
    plain, rich = truth_of(3, PLAIN), truth_of(3, with_(sevenths=True, borrowed=True))
    assert {chord.quality for chord in plain.chords} <= {"maj", "min", "dim", "N"}
    assert {chord.quality for chord in rich.chords} & {"7", "maj7", "min7"}


def test_loose_players_surround_the_beat() -> None:
    """Timing errors have no bias: the annotated beat is where all of them aim."""
    performance = perform(1, with_(groove="motown", looseness=9.0))
    errors = [(hit.start + 0.25) % 0.5 - 0.25 for hit in performance.hits if hit.drum == "snare"]
    onbeat = [error for error in errors if abs(error) < 0.05]
    assert np.std(onbeat) > 0.003
    assert abs(np.mean(onbeat)) < 0.003
