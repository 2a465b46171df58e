"""Stems are written exactly, and never clipped."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from services.separation.stem_files import FULL_SCALE, Pcm, StemWriter, headroom_gain, quantised, write_stems

RATE = 44_100


def noise(frames: int, peak: float, channels: int = 2) -> Pcm:
    """Noise with exactly this peak."""
    samples = np.random.default_rng(frames).uniform(-1, 1, (frames, channels))
    pcm: Pcm = (samples / np.abs(samples).max() * peak).astype(np.float32)
    return pcm


def stored(path: Path) -> NDArray[np.int32]:
    """A file's 24-bit samples."""
    pcm, _ = soundfile.read(path, dtype="int32", always_2d=True)
    samples: NDArray[np.int32] = pcm >> 8
    return samples


@pytest.mark.parametrize(
    ("peak", "gain"),
    [(0.0, 1.0), (0.3, 1.0), (1.0, 1.0), (1.0001, 0.5), (2.0, 0.5), (2.1, 0.25), (9.0, 0.0625)],
)
def test_the_gain_is_the_largest_power_of_two_that_fits(peak: float, gain: float) -> None:
    assert headroom_gain(peak) == gain


def test_full_scale_itself_is_the_highest_sample() -> None:
    block = np.array([[1.0, -1.0, 0.5]], np.float32)
    assert (quantised(block, 1.0) >> 8).tolist() == [[FULL_SCALE - 1, -FULL_SCALE, FULL_SCALE // 2]]


def test_what_fits_is_stored_to_the_last_bit(tmp_path: Path) -> None:
    pcm: Pcm = (np.rint(noise(10_000, 0.9) * FULL_SCALE) / FULL_SCALE).astype(np.float32)
    with StemWriter("vocals", tmp_path, RATE, 2) as writer:
        for start in range(0, len(pcm), 777):
            writer.add(pcm[start : start + 777])
        writer.add(pcm[:0])
        file = writer.finish()

    assert np.array_equal(stored(file.path), np.rint(pcm * FULL_SCALE).astype(np.int32))
    assert (file.frames, file.sample_rate, file.channels, file.attenuation_db) == (10_000, RATE, 2, 0.0)
    content = file.path.read_bytes()
    assert (file.size_bytes, file.sha256) == (len(content), hashlib.sha256(content).hexdigest())


def test_what_would_clip_halves_the_whole_stem(tmp_path: Path) -> None:
    quiet, loud, louder = noise(5_000, 0.5), noise(3_000, 1.7), noise(2_000, 2.5)
    pcm = np.concatenate([quiet, loud, quiet, louder, quiet])
    with StemWriter("drums", tmp_path, RATE, 2) as writer:
        for block in (quiet, loud, quiet, louder, quiet):
            writer.add(block)
        file = writer.finish()

    assert file.attenuation_db == pytest.approx(12.0412, abs=1e-4)
    assert file.frames == len(pcm)
    # What was written before the first overload is rounded at each halving, everything else once.
    assert np.abs(stored(file.path) - np.rint(pcm * 0.25 * FULL_SCALE)).max() <= 1
    assert [path.name for path in tmp_path.iterdir()] == ["drums.flac"]


def test_only_the_stems_that_were_asked_for_are_written(tmp_path: Path) -> None:
    blocks = [{"drums": noise(100, 0.5, 1), "bass": noise(100, 1.5, 1)} for _ in range(3)]

    (file,) = write_stems(iter(blocks), ["bass"], tmp_path, 8_000, 1)

    assert (file.type, file.frames, file.channels) == ("bass", 300, 1)
    assert [path.name for path in tmp_path.iterdir()] == ["bass.flac"]
