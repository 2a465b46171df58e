"""Vowels that stay what they are when a voice is transposed."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import signal

from tests.unit.fusion.stretching.sounds import RATE, Signal, cents_off, decibels, evenly, performed

VOWELS = {
    "a": [(700, 90), (1220, 110), (2600, 160), (3500, 220)],
    "i": [(300, 60), (2200, 120), (2900, 160), (3600, 220)],
    "u": [(400, 70), (800, 80), (2500, 150), (3400, 220)],
}
"""Formants and their bandwidths, Hz."""

SPEED = 1.05


def vowel(name: str, fundamental: float, seconds: float = 2.0) -> Signal:
    """Pulses through resonances (G. Fant): the source-filter model, whose filter does not move with the source."""
    phase = np.arange(round(seconds * RATE)) * fundamental / RATE
    wave: Signal = np.diff(np.floor(phase), prepend=0.0)
    for frequency, bandwidth in VOWELS[name]:
        radius = np.exp(-np.pi * bandwidth / RATE)
        wave = signal.lfilter([1 - radius], [1, -2 * radius * np.cos(2 * np.pi * frequency / RATE), radius**2], wave)
    return np.asarray(0.5 * wave / np.abs(wave).max())


def _harmonics(wave: NDArray[Any], fundamental: float) -> Signal:
    """The levels of the harmonics up to 5 kHz, dB."""
    part = np.asarray(wave[RATE // 4 : -RATE // 4], np.float64)
    power = np.abs(np.fft.rfft(part * np.hanning(len(part)))) ** 2
    bins = np.arange(fundamental, 5000, fundamental) * len(part) / RATE
    return 10 * np.log10([power[round(0.97 * place) : round(1.03 * place) + 1].sum() + 1e-9 for place in bins])


def _distance(wave: NDArray[Any], ideal: Signal, fundamental: float) -> float:
    """Root mean square difference of the harmonics that matter, dB, however loud either is."""
    expected = _harmonics(ideal, fundamental)
    heard = expected > expected.max() - 50
    difference = (_harmonics(wave, fundamental) - expected)[heard]
    return float(np.std(difference))


@pytest.mark.parametrize("cents", [-300.0, 300.0])
@pytest.mark.parametrize("fundamental", [110.0, 180.0])
@pytest.mark.parametrize("name", list(VOWELS))
def test_a_kept_vowel_is_the_vowel_at_the_new_pitch(name: str, fundamental: float, cents: float) -> None:
    """Beside the same vowel made at that pitch: at most half as far from it as the one that was shifted, and within 3 dB."""
    target = fundamental * 2 ** (cents / 1200)
    ideal, voice = vowel(name, target), vowel(name, fundamental)
    anchors = evenly(round(1.9 * RATE / SPEED), SPEED)
    shifted = performed(voice, anchors, cents=cents)
    kept = performed(voice, anchors, cents=cents, keep_formants=True)
    far, near = (_distance(made[:, 0], ideal, target) for made in (shifted, kept))
    assert near < min(0.5 * far, 3.0)
    assert abs(cents_off(kept, 3 * target) - cents_off(shifted, 3 * target)) < 5.0


@pytest.mark.parametrize("cents", [-500.0, 500.0])
def test_a_kept_vowel_is_as_loud_as_before(cents: float) -> None:
    voice = vowel("a", 150.0)
    kept = performed(voice, evenly(round(1.9 * RATE / SPEED), SPEED), cents=cents, keep_formants=True)
    assert decibels(kept) == pytest.approx(decibels(voice), abs=0.5)


@pytest.mark.parametrize("speed", [1.0, 1.1])
def test_without_transposition_there_is_nothing_to_keep(speed: float) -> None:
    voice = vowel("i", 150.0)
    kept, plain = (performed(voice, evenly(RATE, speed), keep_formants=keep) for keep in (True, False))
    np.testing.assert_array_equal(kept, plain)


@pytest.mark.parametrize("speed", [0.9, 1.0])
def test_keeping_formants_moves_nothing_in_time(speed: float) -> None:
    voice = vowel("a", 150.0, seconds=1.0) * (np.arange(RATE) >= RATE // 2)
    made = performed(voice, evenly(round(0.95 * RATE / speed), speed), cents=300.0, keep_formants=True)[:, 0]
    level = np.sqrt(np.convolve(made.astype(float) ** 2, np.ones(441) / 441, mode="same"))
    assert np.argmax(level > 0.5 * level.max()) / RATE == pytest.approx(0.5 / speed, abs=0.012)
