"""A master is read anywhere, by any thread, to the last bit."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from services.separation.engine.errors import TrackUnreadable
from services.separation.engine.stems import separate_blocks
from services.separation.engine.track import SeparableTrack
from services.separation.master import Master
from services.separation.stem_files import FULL_SCALE
from tests.unit.separation.networks import Echo, alone

RATE = 11_025
FRAMES = 100_003


@pytest.fixture
def samples() -> NDArray[np.int32]:
    """A track of every loudness, in steps of 24 bit."""
    rng = np.random.default_rng(5)
    steps: NDArray[np.int32] = rng.integers(-FULL_SCALE, FULL_SCALE, (FRAMES, 2), np.int32)
    quiet: NDArray[np.int32] = rng.integers(0, 20, (FRAMES, 1), np.int32)
    return np.right_shift(steps, quiet)


@pytest.fixture
def path(tmp_path: Path, samples: NDArray[np.int32]) -> Path:
    """Its master."""
    soundfile.write(tmp_path / "master.flac", samples << 8, RATE, subtype="PCM_24")
    return tmp_path / "master.flac"


def test_it_knows_its_shape(path: Path) -> None:
    with Master(path) as master:
        assert (master.sample_rate, master.channels, master.frames) == (RATE, 2, FRAMES)


def test_any_part_is_read_in_any_order_by_any_thread(path: Path, samples: NDArray[np.int32]) -> None:
    rng = np.random.default_rng(6)
    places = [sorted(pair) for pair in rng.integers(0, FRAMES + 1, (200, 2)).tolist()] + [[0, FRAMES], [0, 0]]
    with Master(path) as master, ThreadPoolExecutor(8) as pool:
        parts = list(pool.map(lambda place: master.read(*place), places))

    for (start, stop), pcm in zip(places, parts, strict=True):
        assert pcm.dtype == np.float32
        assert np.array_equal(pcm * np.float32(FULL_SCALE), samples[start:stop])


def test_a_file_that_ends_early_is_an_error_that_says_so(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with Master(path) as master:
        assert master.frames == FRAMES
        with pytest.raises(TrackUnreadable, match="cannot be read"):
            SeparableTrack(master).read(FRAMES - 100, FRAMES)
        with pytest.raises(TrackUnreadable):
            list(separate_blocks(alone(Echo()), master))
