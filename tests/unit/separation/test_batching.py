"""Windows of several jobs in one batch: who gets what, what is padded, and what happens when memory or a batch fails."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import contextmanager

import numpy as np
import pytest
import torch
from torch import Tensor

from services.separation.engine.batching import LINGER_SECONDS, BatchedInference
from services.separation.engine.errors import OutOfMemory
from services.separation.engine.inference import DirectInference
from services.separation.engine.stems import separate
from tests.unit.separation.networks import alone, small_htdemucs

Compute = Callable[[Tensor], Tensor]
PATIENCE = 30.0


class Device:
    """What computes batches in these tests, with a diary of them."""

    device_name = "cpu"

    def __init__(self, compute: Compute, *, room: int = 99) -> None:
        self.compute = compute
        self.room = room
        self.batches: list[tuple[int, int]] = []
        """Of each batch how many windows were in it, and what it was padded to."""
        self.released = 0

    def launch(self, windows: Sequence[Tensor], size: int) -> Callable[[], Tensor]:
        self.batches.append((len(windows), size))
        if size > self.room:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.50 GiB. GPU 0 has a total capacity …")
        batch = torch.zeros((size, *windows[0].shape))
        batch[: len(windows)] = torch.stack(list(windows))
        return lambda: self.compute(batch)[: len(windows)]

    def memory(self) -> tuple[int, int]:
        return 2**30, 2**33

    def release(self) -> None:
        self.released += 1


class Gate:
    """A computation that lasts until it is let through."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.open = threading.Event()

    def __call__(self, batch: Tensor) -> Tensor:
        self.begun.set()
        assert self.open.wait(PATIENCE)
        return twice(batch)


def twice(batch: Tensor) -> Tensor:
    """Two stems, each the window."""
    return batch[:, None].repeat(1, 2, 1, 1)


def window(value: float, frames: int = 8) -> Tensor:
    return torch.full((2, frames), value)


@contextmanager
def batched(
    device: Device, *sizes: int, about: DirectInference | None = None, linger: float = LINGER_SECONDS
) -> Iterator[BatchedInference]:
    known = about or small_htdemucs()
    inference = BatchedInference(known.card, device, sizes, known.input_frames, linger=linger)
    try:
        yield inference
    finally:
        inference.close()


def answers(futures: Sequence["Future[Tensor]"]) -> list[float]:
    return [float(future.result(PATIENCE)[0, 0, 0]) for future in futures]


def test_jobs_at_once_get_the_stems_they_would_get_alone(tiny: DirectInference) -> None:
    rng = np.random.default_rng(1)
    tracks = [rng.normal(0, 0.1, (frames, 2)).astype(np.float32) for frames in (60_000, 31_000, 44_100)]
    device = Device(torch.inference_mode()(tiny.network.forward))
    with batched(device, 4, about=tiny) as inference, ThreadPoolExecutor(len(tracks)) as pool:
        together = list(pool.map(lambda track: separate(alone(inference), track, 44_100), tracks))
        in_company = len(device.batches)
        single = separate(alone(inference), tracks[0], 44_100)
    assert in_company < sum(-(-len(track) // 16_537) for track in tracks), "some windows shared a batch"
    for name, samples in single.items():
        assert np.array_equal(samples, together[0][name]), "with one batch size, company changes nothing"
    for track, stems in zip(tracks, together, strict=True):
        for name, samples in separate(alone(tiny), track, 44_100).items():
            np.testing.assert_allclose(stems[name], samples, atol=1e-6)


def test_what_arrives_while_a_batch_computes_goes_together_and_padded() -> None:
    gate = Gate()
    device = Device(gate)
    with batched(device, 1, 4, 8) as inference:
        first = inference.submit(window(1))
        assert gate.begun.wait(PATIENCE)
        others = [inference.submit(window(value)) for value in (2, 3, 4)]
        gate.open.set()
        assert answers([first, *others]) == [1, 2, 3, 4]
    assert device.batches == [(1, 1), (3, 4)]


def test_a_full_batch_does_not_wait_for_the_one_that_computes() -> None:
    launched = threading.Event()
    gate = Gate()

    class Watched(Device):
        def launch(self, windows: Sequence[Tensor], size: int) -> Callable[[], Tensor]:
            if len(self.batches) == 1:
                launched.set()
            return super().launch(windows, size)

    with batched(Watched(gate), 2, linger=PATIENCE) as inference:
        futures = [inference.submit(window(value)) for value in range(2)]
        assert gate.begun.wait(PATIENCE)
        futures += [inference.submit(window(value)) for value in range(2, 4)]
        assert launched.wait(PATIENCE)
        assert not any(future.done() for future in futures)
        gate.open.set()
        assert answers(futures) == [0, 1, 2, 3]


def test_one_job_alone_keeps_the_batches_full() -> None:
    with batched(Device(twice), 1, 8) as inference:
        assert inference.ahead >= 2 * 8


def test_cancelled_windows_cost_nothing() -> None:
    gate = Gate()
    device = Device(gate)
    with batched(device, 1, 2) as inference:
        first = inference.submit(window(1))
        assert gate.begun.wait(PATIENCE)
        given_up, kept = inference.submit(window(2)), inference.submit(window(3))
        assert given_up.cancel()
        gate.open.set()
        assert answers([first, kept]) == [1, 3]
    assert device.batches == [(1, 1), (1, 1)]


def test_windows_of_different_lengths_are_not_mixed() -> None:
    gate = Gate()
    device = Device(gate)
    with batched(device, 1, 4) as inference:
        first = inference.submit(window(0))
        assert gate.begun.wait(PATIENCE)
        futures = [inference.submit(window(frames, frames)) for frames in (8, 5, 8, 5)]
        gate.open.set()
        assert answers([first, *futures]) == [0, 8, 5, 8, 5]
    assert device.batches == [(1, 1), (2, 4), (2, 4)]


def test_an_error_reaches_the_windows_of_its_batch_and_no_others() -> None:
    def touchy(batch: Tensor) -> Tensor:
        if (batch == 13).any():
            raise ArithmeticError("thirteen")
        return twice(batch)

    with batched(Device(touchy), 1) as inference:
        futures = [inference.submit(window(value)) for value in (1, 13, 2)]
        assert answers([futures[0], futures[2]]) == [1, 2]
        with pytest.raises(ArithmeticError, match="thirteen"):
            futures[1].result(PATIENCE)


@pytest.mark.parametrize("where", ["launched", "computed"])
def test_out_of_memory_halves_the_batch_for_good(where: str) -> None:
    def narrow(batch: Tensor) -> Tensor:
        if len(batch) > 2:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.50 GiB.")
        return twice(batch)

    device = Device(twice, room=2) if where == "launched" else Device(narrow)
    with batched(device, 4, 16, linger=PATIENCE) as inference:
        assert answers([inference.submit(window(value)) for value in range(20)]) == list(range(20))
        assert inference.largest == 2
        tried = len(device.batches)
        assert answers([inference.submit(window(value)) for value in range(6)]) == list(range(6))
    assert all(size <= 2 for _, size in device.batches[tried:])
    assert device.released >= 2


def test_a_single_window_that_does_not_fit_is_refused_with_the_numbers_and_the_next_job_goes_on() -> None:
    device = Device(twice, room=0)
    with batched(device, 2) as inference:
        with pytest.raises(OutOfMemory) as refused:
            inference.submit(window(1)).result(PATIENCE)
        for figure in ("2.50 GiB", "1024 MiB", "8192 MiB", "one window"):
            assert figure in str(refused.value)
        device.room = 1
        assert answers([inference.submit(window(value)) for value in range(3)]) == [0, 1, 2]


def test_a_device_that_fails_while_memory_is_short_is_an_answer_too() -> None:
    class Broken(Device):
        def memory(self) -> tuple[int, int]:
            raise ArithmeticError("no answer")

    with batched(Broken(twice, room=1), 1, 4, linger=PATIENCE) as inference:
        futures = [inference.submit(window(value)) for value in range(4)]
        for future in futures:
            with pytest.raises(ArithmeticError, match="no answer"):
                future.result(PATIENCE)


def test_a_closed_batcher_finishes_what_it_began_and_drops_the_rest() -> None:
    gate = Gate()
    with batched(Device(gate), 1) as inference, ThreadPoolExecutor(1) as pool:
        began = inference.submit(window(1))
        assert gate.begun.wait(PATIENCE)
        waiting = [inference.submit(window(value)) for value in (2, 3, 4)]
        closing = pool.submit(inference.close)
        with pytest.raises(CancelledError):
            waiting[-1].result(PATIENCE)
        gate.open.set()
        closing.result(PATIENCE)
        assert answers([began]) == [1]
        with pytest.raises(RuntimeError, match="closed"):
            inference.submit(window(5))
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("batches-")]
