"""True peak against scipy's own oversampling, sines whose peaks fall between the samples, and the edges of a track."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import signal

from services.mir.analysis.true_peak import TruePeakMeter
from tests.songs import compose


def _measure(pcm: NDArray[np.float32], block: int = 4_096) -> float | None:
    meter = TruePeakMeter(pcm.shape[1])
    for start in range(0, len(pcm), block):
        meter.add(pcm[start : start + block])
    return meter.dbtp()


@pytest.mark.parametrize("fraction", [1 / 4, 1 / 6, 1 / 12])
@pytest.mark.parametrize("phase", [45, 60, 67.5])
def test_sines_read_their_amplitude_wherever_they_are_sampled(fraction: float, phase: float) -> None:
    """EBU Tech 3341, cases 15 to 19: at a quarter of the rate and 45 degrees, every sample lies 3 dB below the peak."""
    frames = np.arange(8_000)
    fade = np.minimum(1, np.minimum(frames, frames[::-1]) / 800)  # so that only the sine is measured, not its switching
    sine = 0.5 * fade * np.sin(2 * np.pi * fraction * frames + np.deg2rad(phase))
    read = _measure(sine.astype(np.float32)[:, None])
    assert read is not None
    assert -6.02 - 0.4 < read < -6.02 + 0.2


@pytest.mark.parametrize("seed", [1, 2])
def test_songs_read_as_scipy_oversamples_them(seed: int) -> None:
    mix = compose(seconds=2.345, seed=seed).mix
    oversampled = signal.resample_poly(mix, 4, 1, axis=0)
    highest = max(np.abs(oversampled).max(), np.abs(mix).max())
    assert _measure(mix) == pytest.approx(20 * np.log10(highest), abs=0.01)


@pytest.mark.parametrize("block", [1, 31, 32, 33, 777, 100_000])
def test_block_sizes_make_no_difference(block: int) -> None:
    mix = compose(seconds=0.5, sample_rate=8_000, seed=4).mix
    assert _measure(mix, block) == pytest.approx(_measure(mix), abs=1e-4)


@pytest.mark.parametrize("length", [1, 2, 20, 32, 50])
def test_what_rings_beyond_the_last_sample_counts(length: int) -> None:
    pcm = np.zeros((length, 1), np.float32)
    pcm[-2:] = 0.5
    expected = np.abs(signal.resample_poly(np.pad(pcm[:, 0], 40), 4, 1)).max()
    assert _measure(pcm) == pytest.approx(20 * np.log10(expected), abs=0.01)


def test_the_loudest_channel_counts() -> None:
    pcm = np.zeros((1_000, 3), np.float32)
    pcm[500] = [0.1, -0.4, 0.2]
    assert _measure(pcm) == pytest.approx(20 * np.log10(0.4), abs=0.01)


def test_asking_early_changes_nothing() -> None:
    mix = compose(seconds=0.5, seed=5).mix
    meter = TruePeakMeter(2)
    for part in (mix[:10_000], mix[10_000:]):
        meter.add(part)
        meter.dbtp()
    assert meter.dbtp() == pytest.approx(_measure(mix), abs=1e-4)


def test_silence_has_no_peak() -> None:
    assert TruePeakMeter(2).dbtp() is None
    assert _measure(np.zeros((5_000, 2), np.float32)) is None
