"""Stems, read anywhere."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import soundfile

from services.fusion.mixing.sources import ArraySource, FileSource, InvalidSource, Pcm, Source

FRAMES = 50_000


@pytest.fixture(scope="module")
def steps() -> np.ndarray:
    """Samples of 24 bits as libsndfile takes them: in the upper bits of 32."""
    return np.random.default_rng(1).integers(-(1 << 23), 1 << 23, (FRAMES, 2), dtype=np.int32) << 8


@pytest.fixture(scope="module")
def path(steps: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("stems") / "stem.flac"
    soundfile.write(path, steps, 44_100, subtype="PCM_24")
    return path


def _expected(steps: np.ndarray, start: int, frames: int) -> Pcm:
    padded = np.zeros((frames, 2), np.float32)
    for n in range(max(0, -start), min(frames, FRAMES - start)):
        padded[n] = steps[start + n] / 2**31
    return padded


PLACES = [(0, 100), (-50, 100), (-200, 100), (49_950, 100), (FRAMES, 10), (70_000, 10), (20_000, 0), (-10, FRAMES + 20)]


@pytest.mark.parametrize("places", [PLACES, PLACES[::-1], [(n, 1_000) for n in range(0, FRAMES, 1_000)]])
def test_any_place_is_read_exactly(path: Path, steps: np.ndarray, places: list[tuple[int, int]]) -> None:
    memory = ArraySource((steps / 2.0**31).astype(np.float32), 44_100)
    with FileSource(path) as file:
        for source in (file, memory):
            assert (source.sample_rate, source.channels, source.frames) == (44_100, 2, FRAMES)
            for start, frames in places:
                block = source.read(start, frames)
                assert block.dtype == np.float32
                assert np.array_equal(block, _expected(steps, start, frames))


@pytest.mark.parametrize("scale_bits", [1, 5])
def test_a_stem_sounds_as_loud_as_it_was_before_it_was_stored(path: Path, steps: np.ndarray, scale_bits: int) -> None:
    with FileSource(path, scale_bits) as source:
        assert np.array_equal(source.read(0, FRAMES), steps * 2.0 ** (scale_bits - 31))


def test_several_readers_do_not_disturb_each_other(path: Path, steps: np.ndarray) -> None:
    with FileSource(path) as source, ThreadPoolExecutor(6) as readers:

        def read(offset: int) -> Pcm:
            return np.concatenate([source.read(start, 500) for start in range(offset, offset + 20_000, 500)])

        for offset, heard in zip(range(0, 24_000, 1_000), readers.map(read, range(0, 24_000, 1_000)), strict=True):
            assert np.array_equal(heard, steps[offset : offset + 20_000] / 2.0**31)


@pytest.mark.parametrize("in_memory", [True, False])
def test_what_is_read_is_the_readers(path: Path, steps: np.ndarray, in_memory: bool) -> None:
    pcm = (steps / 2.0**31).astype(np.float32)
    source: Source = ArraySource(pcm, 44_100) if in_memory else FileSource(path)
    source.read(0, FRAMES)[:] = 7.0
    assert np.array_equal(source.read(0, FRAMES), pcm)


def test_a_closed_file_is_opened_again(path: Path, steps: np.ndarray) -> None:
    source = FileSource(path)
    first = source.read(0, 100)
    source.close()
    assert np.array_equal(source.read(0, 100), first)
    source.close()


def test_a_file_that_was_cut_off_is_refused(path: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.flac"
    cut.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with FileSource(cut) as source, pytest.raises(InvalidSource, match=r"ended after|damaged"):
        source.read(0, FRAMES)


def test_what_is_no_stem_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidSource, match="not 3"):
        ArraySource(np.zeros((10, 3), np.float32), 44_100)
    with pytest.raises(InvalidSource, match="shape"):
        ArraySource(np.zeros(10, np.float32), 44_100)
    with pytest.raises(InvalidSource, match="0 Hz"):
        ArraySource(np.zeros((10, 1), np.float32), 0)
    broken = np.zeros((10, 2), np.float32)
    broken[3, 1] = np.nan
    with pytest.raises(InvalidSource, match="finite"):
        ArraySource(broken, 44_100)
    soundfile.write(tmp_path / "broken.wav", broken, 44_100, subtype="FLOAT")
    with FileSource(tmp_path / "broken.wav") as source, pytest.raises(InvalidSource, match="finite"):
        source.read(0, 10)
