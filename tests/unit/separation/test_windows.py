"""The window loop against demucs' own, on a small network of the real class."""

import pytest
import torch
from demucs.apply import apply_model
from demucs.htdemucs import HTDemucs
from torch import Tensor

from services.separation.engine.errors import SeparationCancelled
from services.separation.engine.network import Model
from services.separation.engine.windows import separated_blocks, window_offsets

WINDOW = 22_050
STRIDE = 16_537


def untold(_done: int, _total: int) -> None: ...


def never() -> bool:
    return False


def noise(frames: int) -> Tensor:
    return torch.randn(2, frames, generator=torch.Generator().manual_seed(frames))


@pytest.mark.parametrize("frames", [1, 2, 999, STRIDE - 1, STRIDE, STRIDE + 1, WINDOW, WINDOW + 1, 3 * STRIDE, 70_001])
def test_equals_demucs(tiny: Model, frames: int) -> None:
    assert isinstance(tiny.network, HTDemucs)
    mix = noise(frames)
    expected = apply_model(tiny.network, mix[None], shifts=0, overlap=0.25)[0]
    blocks = list(separated_blocks(tiny, mix, untold, never))
    torch.testing.assert_close(torch.cat(blocks, dim=-1), expected, atol=1e-5, rtol=0)


def test_blocks_come_out_as_they_are_finished(tiny: Model) -> None:
    told: list[tuple[int, int]] = []
    blocks = separated_blocks(tiny, noise(2 * STRIDE + 5), lambda *now: told.append(now), never)
    lengths = []
    for number, block in enumerate(blocks, start=1):
        lengths.append(block.shape[-1])
        assert told == [(done, 3) for done in range(1, number + 1)]
    assert lengths == [STRIDE, STRIDE, 5]


def test_cancel_takes_effect_before_the_next_window(tiny: Model) -> None:
    heard: list[int] = []
    blocks = separated_blocks(tiny, noise(5 * STRIDE), lambda done, _total: heard.append(done), lambda: len(heard) == 2)
    with pytest.raises(SeparationCancelled, match="2 of 5"):
        list(blocks)
    assert heard == [1, 2]


def test_same_bytes_every_time(tiny: Model) -> None:
    mix = noise(2 * WINDOW)
    once, again = (torch.cat(list(separated_blocks(tiny, mix, untold, never)), dim=-1) for _ in range(2))
    assert torch.equal(once, again)


def test_windows_overlap_by_a_quarter() -> None:
    assert list(window_offsets(100, 40)) == [0, 30, 60, 90]
