"""Stored stems and stored residual are the master, bit for bit."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from chassis.work import Stopped
from services.separation.residual import null_test, write_residual
from services.separation.stem_files import (
    FULL_SCALE,
    HIGHEST_SCALE_BITS,
    Layout,
    Samples,
    StemFile,
    StemFiles,
    stored_samples,
)

RATE = 8_000
FRAMES = 150_000  # more than two blocks
LARGEST = (FULL_SCALE << HIGHEST_SCALE_BITS) - 1


def noise(seed: int, peak: int) -> Samples:
    """Noise up to this peak, in steps of 24 bit."""
    samples: Samples = np.random.default_rng(seed).integers(-peak - 1, peak + 1, (FRAMES, 2), np.int32)
    return samples


def master_of(folder: Path, samples: Samples) -> Path:
    """A master as ingest makes it."""
    soundfile.write(folder / "master.flac", samples << 8, RATE, subtype="PCM_24")
    return folder / "master.flac"


def stems_of(folder: Path, *stems: Samples) -> list[StemFile]:
    """Stored stems."""
    names = [f"stem{number}" for number in range(len(stems))]
    with StemFiles(Layout(names, RATE, 2), folder) as files:
        files.add(dict(zip(names, stems, strict=True)))
        return files.finish()


def stored(file: StemFile) -> Samples:
    return np.concatenate(list(stored_samples(file.path, file.scale_bits)))


def unstopped() -> None:
    """Nobody wants the work to end."""


@pytest.mark.parametrize(
    ("track_peak", "stem_peaks", "suffix"),
    [
        (FULL_SCALE // 2, [FULL_SCALE // 4], ".flac"),
        (FULL_SCALE // 3, [FULL_SCALE // 8, FULL_SCALE // 8], ".flac"),
        (FULL_SCALE - 1, [FULL_SCALE * 2, 99, 99, 99], ".wav"),
        (FULL_SCALE - 1, [LARGEST] * 6, ".wav"),
    ],
)
def test_stems_and_residual_are_the_master(tmp_path: Path, track_peak: int, stem_peaks: list[int], suffix: str) -> None:
    track = noise(0, track_peak)
    master = master_of(tmp_path, track)
    stems = stems_of(tmp_path, *(noise(number, peak) for number, peak in enumerate(stem_peaks, 1)))

    residual = write_residual(master, stems, tmp_path, unstopped)
    proof = null_test(master, stems, residual, unstopped)

    assert proof.exact
    assert residual.path.name == f"residual{suffix}"
    # Python's integers have no width to overflow.
    total = sum(stored(file).astype(object) for file in (*stems, residual))
    assert np.array_equal(total, track)


def test_the_worst_that_can_come_does_not_overflow(tmp_path: Path) -> None:
    odd = np.tile(np.arange(FRAMES)[:, None] % 2, (1, 2))
    stem = np.where(odd, LARGEST, -LARGEST - 1).astype(np.int32)
    master = master_of(tmp_path, np.where(odd, -FULL_SCALE, FULL_SCALE - 1).astype(np.int32))
    stems = stems_of(tmp_path, *[stem] * 6)

    residual = write_residual(master, stems, tmp_path, unstopped)

    assert (residual.path.suffix, residual.scale_bits) == (".wav", 8)
    assert null_test(master, stems, residual, unstopped).exact


def test_depth_is_how_far_the_residual_lies_below_the_track(tmp_path: Path) -> None:
    track = noise(0, FULL_SCALE // 2)
    master = master_of(tmp_path, track)
    stems = stems_of(tmp_path, track - track // 100)

    proof = null_test(master, stems, write_residual(master, stems, tmp_path, unstopped), unstopped)

    assert proof.depth_db == pytest.approx(40, abs=0.01)


@pytest.mark.parametrize("peak", [0, FULL_SCALE // 2])
def test_depth_is_absent_where_track_or_residual_is_silent(tmp_path: Path, peak: int) -> None:
    track = noise(0, peak) if peak else np.zeros((FRAMES, 2), np.int32)
    master = master_of(tmp_path, track)
    stems = stems_of(tmp_path, track)

    proof = null_test(master, stems, write_residual(master, stems, tmp_path, unstopped), unstopped)

    assert (proof.exact, proof.depth_db) == (True, None)


@pytest.mark.parametrize("spoilt", ["stem", "residual", "master"])
def test_a_single_wrong_bit_is_found(tmp_path: Path, spoilt: str) -> None:
    track, stem = noise(0, FULL_SCALE // 2), noise(1, FULL_SCALE // 4)
    master = master_of(tmp_path, track)
    stems = stems_of(tmp_path, stem)
    residual = write_residual(master, stems, tmp_path, unstopped)
    samples, path = {
        "stem": (stem, stems[0].path),
        "residual": (stored(residual), residual.path),
        "master": (track, master),
    }[spoilt]

    samples[FRAMES - 7, 1] ^= 1
    soundfile.write(path, samples << 8, RATE, subtype="PCM_24")

    assert not null_test(master, stems, residual, unstopped).exact


def test_it_ends_when_the_work_should(tmp_path: Path) -> None:
    master = master_of(tmp_path, noise(0, 9))
    stems = stems_of(tmp_path, noise(1, 9))
    checks: Iterator[bool] = iter([False, True])

    def check() -> None:
        if next(checks):
            raise Stopped

    with pytest.raises(Stopped):
        write_residual(master, stems, tmp_path, check)
