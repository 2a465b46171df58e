"""The true-peak meter."""

from __future__ import annotations

import numpy as np
import pytest

from services.fusion.mixing.mastering import TruePeakMeter


@pytest.mark.parametrize("block", [1, 100, 16_384])
def test_peaks_between_samples_are_seen(block: int) -> None:
    """A sine at a quarter of the rate, sampled 45 degrees off its peaks: samples at -3 dB, the wave at 0 dB."""
    time = np.arange(2_000 if block == 1 else 40_000)
    fade = np.minimum(1.0, np.minimum(time, len(time) - time) / 500)
    pcm = (fade * np.sin(np.pi / 2 * time + np.pi / 4)).astype(np.float32)[:, None]
    meter = TruePeakMeter(1)
    for start in range(0, len(pcm), block):
        meter.add(pcm[start : start + block])
    assert np.abs(pcm).max() < 0.708
    assert meter.dbtp() == pytest.approx(0.0, abs=0.15)


def test_a_peak_at_the_very_end_is_seen() -> None:
    pcm = np.zeros((100, 2), np.float32)
    pcm[-1, 1] = 0.5
    meter = TruePeakMeter(2)
    meter.add(pcm)
    assert meter.dbtp() == pytest.approx(-6.02, abs=0.1)
