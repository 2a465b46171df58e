"""Loudness against the recommendation's own figures and an independent meter."""

from __future__ import annotations

import numpy as np
import pyloudnorm
import pytest
from numpy.typing import NDArray

from services.mir.analysis.loudness import LoudnessMeter
from tests.songs import compose


def _measure(pcm: NDArray[np.float32], rate: int, block: int = 4_096) -> float | None:
    meter = LoudnessMeter(rate, pcm.shape[1])
    for start in range(0, len(pcm), block):
        meter.add(pcm[start : start + block])
    return meter.integrated()


def _sine(rate: int, seconds: float, peak_db: float, hertz: float = 997.0) -> NDArray[np.float32]:
    time = np.arange(round(rate * seconds)) / rate
    return (10 ** (peak_db / 20) * np.sin(2 * np.pi * hertz * time)).astype(np.float32)[:, None]


@pytest.mark.parametrize("rate", [8_000, 22_050, 44_100, 48_000, 96_000])
def test_the_reference_sine(rate: int) -> None:
    """BS.1770-4: 997 Hz at 0 dBFS in one channel reads -3.01 LKFS; in two, 3 dB more."""
    mono = _sine(rate, 5, 0.0)
    assert _measure(mono, rate) == pytest.approx(-3.01, abs=0.06)
    assert _measure(np.repeat(mono, 2, axis=1), rate) == pytest.approx(0.0, abs=0.06)


def test_the_relative_gate() -> None:
    """EBU Tech 3341 case 3: 10 s at -36, 60 s at -23, 10 s at -36 dBFS in both channels read -23 LUFS."""
    parts = [_sine(48_000, seconds, level, 1000.0) for seconds, level in ((10, -36), (60, -23), (10, -36))]
    assert _measure(np.repeat(np.concatenate(parts), 2, axis=1), 48_000) == pytest.approx(-23.0, abs=0.1)


@pytest.mark.parametrize(("rate", "seed"), [(44_100, 1), (48_000, 2), (32_000, 3)])
def test_songs_agree_with_pyloudnorm(rate: int, seed: int) -> None:
    mix = compose(seconds=9.37, sample_rate=rate, seed=seed).mix
    assert _measure(mix, rate) == pytest.approx(pyloudnorm.Meter(rate).integrated_loudness(mix), abs=0.1)


@pytest.mark.parametrize("block", [1, 777, 50_000])
def test_block_sizes_make_no_difference(block: int) -> None:
    mix = compose(seconds=1.5, sample_rate=8_000, seed=4).mix
    assert _measure(mix, 8_000, block) == pytest.approx(_measure(mix, 8_000), abs=1e-9)


def test_silence_and_whispers_have_no_loudness() -> None:
    assert LoudnessMeter(48_000, 2).integrated() is None
    assert _measure(np.zeros((96_000, 2), np.float32), 48_000) is None
    assert _measure(_sine(48_000, 2, -80.0), 48_000) is None


def test_signals_shorter_than_a_gating_block() -> None:
    assert _measure(_sine(48_000, 0.3, -6.0), 48_000) == pytest.approx(-9.0, abs=0.3)


def test_the_low_frequency_channel_does_not_count() -> None:
    five_one = np.zeros((96_000, 6), np.float32)
    five_one[:, 3:4] = _sine(48_000, 2, 0.0)
    assert _measure(five_one, 48_000) is None
    five_one[:, 4:5] = _sine(48_000, 2, 0.0)
    assert _measure(five_one, 48_000) == pytest.approx(-3.01 + 1.5, abs=0.06)
