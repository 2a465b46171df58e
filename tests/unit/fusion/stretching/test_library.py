"""The compiled part: what happens when it isn't there, and that it can't be led outside its input."""

from pathlib import Path

import numpy as np
import pytest

from services.fusion.mixing.stretching.library import MissingLibrary, load
from services.fusion.mixing.stretching.stretcher import Stretcher

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
    with Stretcher(1, RATE) as stretcher, pytest.raises(ValueError, match="windows end"):
        stretcher.feed(np.zeros((2000, 1), np.float32), np.array([end]), np.array([1.0]))


@pytest.mark.parametrize(("channels", "speeds"), [(1, 1), (2, 2)])
def test_other_channels_or_another_number_of_speeds_are_refused(channels: int, speeds: int) -> None:
    with Stretcher(2, RATE) as stretcher, pytest.raises(ValueError, match="in 2 channels"):
        stretcher.feed(np.zeros((2000, channels), np.float32), np.array([1500]), np.ones(speeds))


def test_a_closed_stretcher_is_not_fed() -> None:
    with Stretcher(1, RATE) as stretcher:
        stretcher.close()
        with pytest.raises(ValueError, match="closed"):
            stretcher.feed(np.zeros((2000, 1), np.float32), np.array([1500]), np.array([1.0]))


def test_no_hops_give_no_frames() -> None:
    with Stretcher(2, RATE) as stretcher:
        made = stretcher.feed(np.zeros((0, 2), np.float32), np.zeros(0, np.int64), np.zeros(0))
    assert made.shape == (0, 2)
