"""The window loop against demucs' own, on small networks of the real classes."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future

import pytest
import torch
from demucs.apply import apply_model
from torch import Tensor

from services.separation.engine.errors import SeparationCancelled
from services.separation.engine.inference import DirectInference
from services.separation.engine.windows import Mix, separated_blocks, stride_of
from tests.unit.separation.networks import Echo, small_demucs, small_hdemucs

WINDOW = 22_050
STRIDE = 16_537

pytestmark = pytest.mark.usefixtures("one_thread")


def noise(frames: int) -> Tensor:
    return torch.randn(2, frames, generator=torch.Generator().manual_seed(frames))


def heard(music: Tensor) -> Mix:
    return Mix(music.shape[-1], lambda start, stop: music[:, start:stop])


def joined(blocks: Iterator[Tensor]) -> Tensor:
    return torch.cat(list(blocks), dim=-1)


def reference(inference: DirectInference, music: Tensor) -> Tensor:
    stems: Tensor = apply_model(inference.network, music[None], shifts=0, overlap=0.25)[0]  # type: ignore[arg-type]
    return stems


@pytest.mark.parametrize("frames", [1, 2, 999, STRIDE - 1, STRIDE, STRIDE + 1, WINDOW, WINDOW + 1, 3 * STRIDE, 70_001])
def test_htdemucs_equals_demucs(tiny: DirectInference, frames: int) -> None:
    music = noise(frames)
    torch.testing.assert_close(joined(separated_blocks(tiny, heard(music))), reference(tiny, music), atol=1e-5, rtol=0)


@pytest.mark.parametrize("build", [small_hdemucs, small_demucs])
@pytest.mark.parametrize("frames", [50, 13_230, 17_641, 60_001])
def test_networks_that_take_windows_of_other_lengths_equal_demucs(
    build: Callable[[], DirectInference], frames: int
) -> None:
    network, music = build(), noise(frames)
    torch.testing.assert_close(
        joined(separated_blocks(network, heard(music))), reference(network, music), atol=1e-5, rtol=0
    )


@pytest.mark.parametrize("start", [1, 5_512, 5_513, STRIDE - 1, STRIDE, STRIDE + 5_512, STRIDE + 5_513, 60_000, 70_000])
def test_from_any_frame_on_it_is_the_end_of_an_unbroken_run(tiny: DirectInference, start: int) -> None:
    music = heard(noise(70_001))
    assert torch.equal(
        joined(separated_blocks(tiny, music, start=start)), joined(separated_blocks(tiny, music))[..., start:]
    )


@pytest.mark.parametrize(
    ("start", "windows"), [(0, 5), (STRIDE, 5), (STRIDE + 5_513, 4), (4 * STRIDE, 2), (5 * STRIDE - 1, 1)]
)
def test_only_windows_that_are_still_needed_are_computed(echo: Echo, start: int, windows: int) -> None:
    asked: list[int] = []

    def cancelled() -> bool:
        asked.append(len(asked))
        return False

    joined(separated_blocks(echo, heard(noise(5 * STRIDE)), start=start, cancelled=cancelled))
    assert len(asked) == windows


def test_only_the_stems_that_are_wanted_come(tiny: DirectInference) -> None:
    music = heard(noise(30_000))
    wanted = joined(separated_blocks(tiny, music, rows=[3, 0]))
    assert torch.equal(wanted, joined(separated_blocks(tiny, music))[[3, 0]])


def test_blocks_come_out_as_they_are_finished(tiny: DirectInference) -> None:
    blocks = separated_blocks(tiny, heard(noise(2 * STRIDE + 5)))
    assert [block.shape[-1] for block in blocks] == [STRIDE, STRIDE, 5]


def test_the_track_is_read_window_by_window(echo: Echo) -> None:
    music, reads = noise(6 * STRIDE), []

    def read(start: int, stop: int) -> Tensor:
        reads.append((start, stop))
        return music[:, start:stop]

    blocks = separated_blocks(echo, Mix(6 * STRIDE, read))
    for number in range(1, 4):
        next(blocks)
        assert reads == [(window * STRIDE, window * STRIDE + WINDOW) for window in range(number)]


def test_cancel_takes_effect_before_the_next_window(echo: Echo) -> None:
    taken: list[Tensor] = []
    with pytest.raises(SeparationCancelled, match="2 of 5"):
        taken.extend(separated_blocks(echo, heard(noise(5 * STRIDE)), cancelled=lambda: len(taken) == 2))
    assert len(taken) == 2


class Batching(Echo):
    """A network that computes when as many windows have come as fill a batch, or the last one, the latest first."""

    def __init__(self, ahead: int, windows: int) -> None:
        super().__init__(ahead=ahead)
        self.windows = windows
        self.futures: list[Future[Tensor]] = []
        self.batch: list[tuple[Future[Tensor], Tensor]] = []

    def submit(self, window: Tensor) -> "Future[Tensor]":
        future: Future[Tensor] = Future()
        self.futures.append(future)
        self.batch.append((future, window))
        if len(self.batch) == self.ahead or len(self.futures) == self.windows:
            while self.batch:
                done, heard = self.batch.pop()
                done.set_result(heard.expand(len(self.card.stems), -1, -1))
        return future


@pytest.mark.parametrize("ahead", [1, 3, 4, 7])
def test_windows_are_submitted_ahead_and_put_together_in_order(echo: Echo, ahead: int) -> None:
    music = heard(noise(6 * STRIDE))
    batching = Batching(ahead, windows=6)
    assert torch.equal(joined(separated_blocks(batching, music)), joined(separated_blocks(echo, music)))


def test_windows_nobody_waits_for_any_more_are_cancelled() -> None:
    batching = Batching(ahead=3, windows=10)
    blocks = separated_blocks(batching, heard(noise(10 * STRIDE)))
    next(blocks)
    next(blocks)
    blocks.close()
    assert [future.cancelled() for future in batching.futures] == [False, False, False, True]


def test_what_a_network_meets_reaches_the_caller(tiny: DirectInference) -> None:
    broken = DirectInference(tiny.card, torch.nn.Linear(3, 3), torch.device("cpu"))
    with pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
        joined(separated_blocks(broken, heard(noise(100))))


def test_same_bytes_every_time(tiny: DirectInference) -> None:
    music = heard(noise(2 * WINDOW))
    assert torch.equal(joined(separated_blocks(tiny, music)), joined(separated_blocks(tiny, music)))


def test_windows_overlap_by_a_quarter() -> None:
    assert stride_of(40) == 30
