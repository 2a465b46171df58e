"""A track's files as the analysis listens to them."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from services.mir import recordings
from services.mir.analysis.progress import Cancelled, never
from services.mir.recordings import Part, Sources

RATE = 22_050


def noise(seed: int) -> NDArray[np.float64]:
    """Five seconds in stereo: more than one block."""
    return np.random.default_rng(seed).uniform(-0.2, 0.2, (5 * RATE, 2))


def written(folder: Path, name: str, pcm: NDArray[np.float64], scale: float = 1.0) -> Part:
    """A file that holds the signal divided by `scale`."""
    path = folder / f"{name}.flac"
    soundfile.write(path, pcm / scale, RATE, subtype="PCM_24")
    return Part(path, scale)


def test_stems_have_their_own_level_and_the_harmonic_ones_are_added_up(tmp_path: Path) -> None:
    drums, bass, other = noise(1), noise(2), noise(3)
    stems = {
        "drums": written(tmp_path, "drums", drums),
        "bass": written(tmp_path, "bass", bass, 4.0),
        "other": written(tmp_path, "other", other),
    }
    recording = recordings.read(Sources(written(tmp_path, "master", drums + bass + other), stems), tmp_path, never)

    assert recording.harmonic is not None
    np.testing.assert_allclose(recording.stems["bass"].mono, bass.mean(axis=1), atol=1e-5)
    np.testing.assert_allclose(recording.harmonic.mono, (bass + other).mean(axis=1), atol=1e-5)
    np.testing.assert_allclose(recording.mix.mono, (drums + bass + other).mean(axis=1), atol=1e-5)


def test_without_harmonic_stems_there_is_no_sum_of_them(tmp_path: Path) -> None:
    master = written(tmp_path, "master", noise(1))
    stems = {"drums": written(tmp_path, "drums", noise(2))}
    assert recordings.read(Sources(master, stems), tmp_path, never).harmonic is None


def test_reading_can_be_stopped(tmp_path: Path) -> None:
    with pytest.raises(Cancelled):
        recordings.read(Sources(written(tmp_path, "master", noise(1))), tmp_path, lambda: True)
