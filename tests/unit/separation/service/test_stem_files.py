"""Stems are rounded once, written whole, and never clipped."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import soundfile

from services.separation.stem_files import (
    FULL_SCALE,
    HIGHEST_SCALE_BITS,
    Layout,
    NotNumbers,
    Pcm,
    Samples,
    StemFile,
    StemFiles,
    StemWriter,
    excess_bits,
    quantised,
    stored_samples,
)

RATE = 44_100
LARGEST = (FULL_SCALE << HIGHEST_SCALE_BITS) - 1


def noise(frames: int, peak: int, channels: int = 2) -> Samples:
    """Noise with exactly this peak, in steps of 24 bit."""
    samples: Samples = np.random.default_rng(frames).integers(-peak, peak + 1, (frames, channels), np.int32)
    samples[frames // 2, 0] = peak
    return samples


def written(folder: Path, samples: Samples, cuts: Sequence[int] = (), *, exact: bool = False) -> StemFile:
    """A stem's file, written in pieces."""
    folder.mkdir(exist_ok=True)
    with StemWriter("vocals", folder, RATE, samples.shape[1], exact=exact) as writer:
        for piece in np.split(samples, cuts):
            writer.add(piece)
        return writer.finish()


def read(file: StemFile) -> Samples:
    """The stem that a file stands for."""
    return np.concatenate(list(stored_samples(file.path, file.scale_bits)))


@pytest.mark.parametrize(
    ("value", "steps"),
    [
        (0.0, 0),
        (1.0, FULL_SCALE),
        (-1.0, -FULL_SCALE),
        (0.5 / FULL_SCALE, 0),
        (1.5 / FULL_SCALE, 2),
        (-2.6 / FULL_SCALE, -3),
        (31.5, 63 * FULL_SCALE // 2),
        (32.0, LARGEST),
        (-32.0, -LARGEST - 1),
        (3e38, LARGEST),
        (-3e38, -LARGEST - 1),
    ],
)
def test_samples_are_rounded_to_steps_and_saturate_far_above_full_scale(value: float, steps: int) -> None:
    assert quantised(np.full((1, 1), value, np.float32)).tolist() == [[steps]]


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_is_not_stored(value: float) -> None:
    block: Pcm = np.array([[0.0], [value]], np.float32)
    with pytest.raises(NotNumbers):
        quantised(block)


@pytest.mark.parametrize(
    ("sample", "bits"),
    [
        (0, 0),
        (-1, 0),
        (FULL_SCALE - 1, 0),
        (-FULL_SCALE, 0),
        (FULL_SCALE, 1),
        (-FULL_SCALE - 1, 1),
        (2 * FULL_SCALE - 1, 1),
        (2 * FULL_SCALE, 2),
        (LARGEST, HIGHEST_SCALE_BITS),
        (-LARGEST - 1, HIGHEST_SCALE_BITS),
    ],
)
def test_excess_is_the_least_shift_that_fits(sample: int, bits: int) -> None:
    samples: Samples = np.array([[0], [sample]], np.int32)
    assert excess_bits(samples) == bits
    assert -FULL_SCALE <= sample >> bits < FULL_SCALE


def test_what_fits_is_stored_to_the_last_bit(tmp_path: Path) -> None:
    samples = noise(10_000, FULL_SCALE - 1)
    file = written(tmp_path, samples, [0, 777, 5_000])

    assert np.array_equal(read(file), samples)
    assert (file.frames, file.sample_rate, file.channels, file.scale_bits) == (10_000, RATE, 2, 0)
    assert file.attenuation_db == 0.0
    content = file.path.read_bytes()
    assert (file.size_bytes, file.sha256) == (len(content), hashlib.sha256(content).hexdigest())


@pytest.mark.parametrize("excess_at", [0, 1, 2])
def test_excess_shifts_the_whole_stem_wherever_it_is_met(tmp_path: Path, excess_at: int) -> None:
    pieces = [noise(5_000, FULL_SCALE // 2), noise(3_000, FULL_SCALE // 3), noise(4_000, FULL_SCALE - 1)]
    pieces.insert(excess_at, noise(2_000, 3 * FULL_SCALE))
    samples = np.concatenate(pieces)
    file = written(tmp_path, samples, np.cumsum([len(piece) for piece in pieces])[:-1].tolist())

    assert file.scale_bits == 2
    assert file.attenuation_db == pytest.approx(12.0412)
    assert np.array_equal(read(file), samples >> 2 << 2)
    assert [path.name for path in tmp_path.iterdir()] == ["vocals.flac"]


def test_the_same_samples_are_the_same_bytes_however_they_come(tmp_path: Path) -> None:
    samples = np.concatenate(
        [noise(20_000, 99), noise(9_000, FULL_SCALE), noise(7_000, 20 * FULL_SCALE), noise(4_444, 99)]
    )
    digests = {
        written(tmp_path / str(number), samples, cuts).sha256
        for number, cuts in enumerate([(), (1, 2, 30_000), range(0, 40_000, 999), (29_000,), (20_000, 29_000, 36_000)])
    }
    assert len(digests) == 1


@pytest.mark.parametrize(("peak", "bits", "suffix"), [(FULL_SCALE - 1, 0, ".flac"), (LARGEST * 7, 8, ".wav")])
def test_an_exact_stem_keeps_every_bit_of_an_int32(tmp_path: Path, peak: int, bits: int, suffix: str) -> None:
    samples = np.concatenate([noise(3_000, 5), noise(1_000, peak // 3), noise(2_000, peak), -noise(2_000, peak)])
    file = written(tmp_path, samples, [3_000, 3_500, 4_000], exact=True)

    assert (file.scale_bits, file.path.suffix) == (bits, suffix)
    assert np.array_equal(read(file), samples)
    assert [path.name for path in tmp_path.iterdir()] == [f"vocals{suffix}"]


def test_stems_grow_together(tmp_path: Path) -> None:
    layout = Layout(["drums", "bass"], 8_000, 1)
    block = {"drums": noise(100, 50, 1), "bass": noise(100, FULL_SCALE, 1), "other": noise(100, 50, 1)}

    with StemFiles(layout, tmp_path) as files:
        for _ in range(3):
            files.add(block)
        assert files.frames == 300
        drums, bass = files.finish()

    assert [(file.type, file.frames, file.channels) for file in (drums, bass)] == [("drums", 300, 1), ("bass", 300, 1)]
    assert np.array_equal(read(drums), np.tile(block["drums"], (3, 1)))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bass.flac", "drums.flac"]
    assert soundfile.info(bass.path).samplerate == 8_000
