"""Pitch and level."""

import numpy as np
import pytest

from tests.unit.fusion.stretching.sounds import (
    RATE,
    cents_off,
    decibels,
    evenly,
    noise,
    performed,
    swing_of_level,
    tone,
)

DRIFT = [(22_050 * beat, 0.55 * beat + 0.003 * np.sin(2.4 * beat)) for beat in range(8)]
"""Beats at frames 0.5 s apart that lie 0.55 s apart in the source, 3 ms early or late."""


@pytest.mark.parametrize("cents", [-1200.0, -300.0, 0.0, 37.0, 700.0])
@pytest.mark.parametrize("speed", [0.8, 1.0, 1.25])
def test_a_tone_has_the_pitch_that_was_asked_for(speed: float, cents: float) -> None:
    for frequency in (110.0, 1000.0):
        made = performed(tone(frequency, 2.0), evenly(round(1.9 * RATE / speed), speed), cents=cents)
        assert abs(cents_off(made, frequency * 2 ** (cents / 1200))) < 0.1


@pytest.mark.parametrize("cents", [0.0, 200.0])
def test_a_tone_keeps_its_pitch_where_the_beats_jitter(cents: float) -> None:
    made = performed(tone(440.0, 4.0), DRIFT, cents=cents)
    assert abs(cents_off(made, 440 * 2 ** (cents / 1200))) < 1.0


@pytest.mark.parametrize("cents", [0.0, 200.0])
@pytest.mark.parametrize("frequency", [82.4, 440.0, 3000.0])
def test_a_held_tone_neither_dips_nor_clicks_at_anchors(frequency: float, cents: float) -> None:
    lowest, highest = swing_of_level(performed(tone(frequency, 4.2), DRIFT, cents=cents))
    assert lowest > -0.2
    assert highest < 0.2


@pytest.mark.parametrize("speed", [0.25, 0.8, 0.95, 1.25, 4.0])
def test_the_level_of_noise_and_tones_is_kept(speed: float) -> None:
    seconds = min(4.0, 6 * speed)
    anchors = evenly(round(seconds * RATE / speed), speed)
    for sound in (noise(seconds), noise(seconds, channels=2), tone(220.0, seconds)):
        assert decibels(performed(sound, anchors)) == pytest.approx(decibels(sound), abs=0.3)


@pytest.mark.parametrize("cents", [0.0, -200.0])
def test_from_the_middle_of_a_held_tone_a_piece_begins_at_its_level(cents: float) -> None:
    made = performed(tone(440.0, 4.0), [(0, 2.0), (RATE, 3.1)], cents=cents)
    assert decibels(made[:2205]) == pytest.approx(decibels(tone(440.0, 1.0)), abs=0.1)


@pytest.mark.parametrize(("frequency", "cents", "heard"), [(9_000.0, 1200.0, True), (14_000.0, 1200.0, False)])
def test_what_would_lie_above_half_the_rate_is_left_out(frequency: float, cents: float, heard: bool) -> None:
    made = performed(tone(frequency, 1.5), evenly(RATE, 1.0), cents=cents)
    assert (decibels(made) > -20) == heard
    assert heard or decibels(made) < -80


def test_played_as_much_faster_as_higher_a_source_is_only_resampled() -> None:
    """Like a tape: nothing is lost of it."""
    made = performed(tone(1000.0, 3.0), evenly(RATE, 2.0), cents=1200.0)
    expected = 0.3 * np.sin(2 * np.pi * 2000 * np.arange(RATE) / RATE)
    assert np.abs(made[2000:-2000, 0] - expected[2000:-2000]).max() < 1e-5
