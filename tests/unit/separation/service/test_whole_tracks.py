"""Whatever a track is like, its files have its shape and add up to it."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from services.separation.residual import null_test, write_residual
from services.separation.stem_files import FULL_SCALE
from tests.unit.separation.networks import alone, small_hdemucs
from tests.unit.separation.service.pipeline import separated, unstopped

NOISE = np.random.default_rng(7).uniform(-1, 1, (60_000, 2))


def clipped(frames: int, channels: int) -> NDArray[np.float64]:
    """Noise that hits both ends of the scale all the time."""
    return np.clip(9 * NOISE[:frames, :channels], -1, (FULL_SCALE - 1) / FULL_SCALE)


@pytest.mark.parametrize(
    ("rate", "pcm"),
    [
        pytest.param(44_100, clipped(1, 1), id="one sample"),
        pytest.param(44_100, clipped(4_410, 2), id="a tenth of a second"),
        pytest.param(8_000, clipped(9_001, 1), id="8 kHz"),
        pytest.param(44_056, clipped(44_057, 2), id="44.056 kHz"),
        pytest.param(47_999, clipped(30_000, 1), id="47.999 kHz"),
        pytest.param(192_000, clipped(60_000, 2), id="192 kHz"),
        pytest.param(44_100, np.zeros((50_000, 2)), id="silence"),
        pytest.param(44_100, np.full((50_000, 2), 0.5), id="DC"),
        pytest.param(44_100, 2.0**-23 * np.sign(NOISE[:50_000]), id="the last bit"),
    ],
)
def test_a_track_of_any_kind_is_taken_apart_without_loss(
    tmp_path: Path, one_thread: None, rate: int, pcm: NDArray[np.float64]
) -> None:
    master = tmp_path / "master.flac"
    soundfile.write(master, pcm, rate, subtype="PCM_24")

    stems = separated(master, alone(small_hdemucs()), tmp_path)
    residual = write_residual(master, stems, tmp_path, unstopped)

    assert {(file.frames, file.sample_rate, file.channels) for file in (*stems, residual)} == {
        (len(pcm), rate, pcm.shape[1])
    }
    assert null_test(master, stems, residual, unstopped).exact
