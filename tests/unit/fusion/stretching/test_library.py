"""The compiled part: what happens when it isn't there, and that it can't be led outside its input."""

from pathlib import Path

import numpy as np
import pytest

from services.fusion.mixing.stretching.library import MissingLibrary, load
from services.fusion.mixing.stretching.stretcher import Stretcher
from services.fusion.mixing.stretching.window import window_of

RATE = 8000


def test_a_library_that_was_not_compiled_says_what_to_do() -> None:
    with pytest.raises(MissingLibrary, match="make install"):
        load("services.fusion.mixing.stretching._never_compiled")


def test_a_library_for_another_machine_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "strange_library.py").write_text("not for this machine")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(MissingLibrary, match="make install"):
        load("strange_library")


@pytest.mark.parametrize("end", [0, 1099, 2001])
def test_a_window_outside_the_input_is_refused(end: int) -> None:
    stretcher = Stretcher(1, RATE)
    with pytest.raises(ValueError, match="windows end"):
        stretcher.feed(np.zeros((2000, 1), np.float32), np.array([end]), np.array([1.0]))


@pytest.mark.parametrize(("channels", "speeds"), [(1, 1), (2, 2)])
def test_other_channels_or_another_number_of_speeds_are_refused(channels: int, speeds: int) -> None:
    stretcher = Stretcher(2, RATE)
    with pytest.raises(ValueError, match="in 2 channels"):
        stretcher.feed(np.zeros((2000, channels), np.float32), np.array([1500]), np.ones(speeds))


def test_no_hops_give_no_frames() -> None:
    made = Stretcher(2, RATE).feed(np.zeros((0, 2), np.float32), np.zeros(0, np.int64), np.zeros(0))
    assert made.shape == (0, 2)


@pytest.mark.parametrize("rate", [8000, 11_025, 44_100, 96_000])
@pytest.mark.parametrize("channels", [1, 2])
def test_at_its_own_speed_the_input_comes_back(rate: int, channels: int) -> None:
    """Windows, transforms and sum undo each other; phases that turn as they turned in the source are its own."""
    stretcher, hops = Stretcher(channels, rate), 20
    frames = stretcher.block + (hops + 1) * stretcher.hop
    heard = np.random.default_rng(0).normal(0, 0.1, (frames, channels)).astype(np.float32)
    ends = stretcher.block + stretcher.hop * np.arange(1, hops + 1)
    made = stretcher.feed(heard, ends, np.ones(hops))
    whole = slice(stretcher.block, hops * stretcher.hop)
    np.testing.assert_allclose(made[whole], heard[stretcher.hop :][whole], atol=2e-5)


def test_hops_fed_one_by_one_give_the_same_samples() -> None:
    heard = np.random.default_rng(1).normal(0, 0.1, (3 * RATE, 2)).astype(np.float32)
    one, all_at_once = Stretcher(2, RATE), Stretcher(2, RATE)
    ends = one.block + one.hop + np.arange(30) * round(1.1 * one.hop)
    speeds = np.full(30, 1.1)
    singly = [one.feed(heard, ends[hop : hop + 1], speeds[hop : hop + 1]) for hop in range(30)]
    np.testing.assert_array_equal(np.concatenate(singly), all_at_once.feed(heard, ends, speeds))


@pytest.mark.parametrize(("block", "hop"), [(880, 220), (4851, 1213), (1213, 303)])
def test_squared_windows_add_up_to_one(block: int, hop: int) -> None:
    window, sums = window_of(block, hop), np.zeros(hop)
    np.add.at(sums, np.arange(block) % hop, window**2)
    np.testing.assert_allclose(sums, 1)
