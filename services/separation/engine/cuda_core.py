"""Networks on an NVIDIA GPU: recorded once per batch size, fed and emptied while they compute.

Three streams: windows go up from pinned memory, the network computes, stems come down into pinned memory; events order them, and
the caller's thread waits only for what it wants to have. A network that never waits for the CPU (`recordable`) is recorded as a
CUDA graph, since launching its thousands of kernels one by one takes longer than computing them; others are launched as they are.

All networks of a GPU share its streams, and their recordings one pool of memory. That is safe because they compute one after the
other, and each result is copied out of the pool before the next recording is played.

The arithmetic of a batch depends on its size (the libraries choose their kernels by it), and in reduced precision that can be
measured. Within one size a window's stems do not depend on its company.
"""

import functools
import threading
import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn

from services.separation.engine.errors import DeviceFailed
from services.separation.engine.inference import device_name
from services.separation.engine.precision import Precision
from services.separation.engine.recordable import RecordableHTDemucs

WARM_UPS: Final = 3
"""Runs before a recording, in which libraries choose kernels and make their workspaces (as PyTorch's notes on graphs ask)."""


def set_arithmetic(precision: Precision) -> None:
    """Sets, for the whole process, how GPUs multiply float32: rounded to 10 bits for `tf32`, exactly for all others.

    Kernels whose sums depend on the order in which threads arrive are refused, so that the same batch gives the same stems.
    """
    float32 = "tf32" if precision is Precision.TF32 else "ieee"
    torch.backends.cuda.matmul.fp32_precision = float32
    torch.backends.cudnn.conv.fp32_precision = float32  # type: ignore[attr-defined]  # unknown to PyTorch's own types
    torch.backends.cudnn.rnn.fp32_precision = float32  # type: ignore[attr-defined]  # as above
    torch.backends.cudnn.deterministic = True
    # PyTorch's fused attention holds every head's scores; its scaled_dot_product_attention does not.
    torch.backends.mha.set_fastpath_enabled(False)


class Gpu:
    """What the networks of one GPU share.

    Attributes:
        device: the GPU.
        lock: held while work is queued or memory given back: PyTorch can't give memory back while another thread records.
        upwards, computing, downwards: the streams.
        recordings: those that exist; they share a pool of memory.
    """

    def __init__(self, device: torch.device) -> None:
        """The GPU called `device`."""
        self.device = device
        self.lock = threading.Lock()
        self.upwards, self.computing, self.downwards = (_stream(device) for _ in range(3))
        self.recordings: weakref.WeakSet[torch.cuda.CUDAGraph] = weakref.WeakSet()

    def record(self, work: Callable[[], Tensor]) -> tuple[torch.cuda.CUDAGraph, Tensor]:
        """Records `work`, and where each replay leaves its result. The lock is held, `computing` is the current stream."""
        # A pool lives as long as a recording that uses it; its handle must not be used after that.
        pool = next((recording.pool() for recording in self.recordings), None)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, pool=pool, stream=self.computing, capture_error_mode="thread_local"):
            result = work()
        self.recordings.add(graph)
        return graph, result

    def give_memory_back(self) -> None:
        """Gives back what PyTorch keeps for later."""
        with self.lock, torch.cuda.device(self.device):
            torch.cuda.empty_cache()


@functools.cache
def gpu_of(index: int) -> Gpu:
    """The GPU of this number; always the same object."""
    return Gpu(torch.device("cuda", index))


@dataclass(frozen=True, slots=True)
class _Recording:
    """A network's work on one shape: put windows in, replay, take the stems out."""

    graph: torch.cuda.CUDAGraph
    windows: Tensor
    stems: Tensor


class CudaNetwork:
    """A `BatchedNetwork` on a GPU.

    Attributes:
        device_name: `cuda:` and the GPU's name.
    """

    def __init__(self, network: nn.Module, gpu: Gpu, *, recorded: bool) -> None:
        """A network whose weights are on `gpu` already.

        Args:
            network: in eval mode; float32 (batch, channels, n) -> float32 (batch, stems, channels, n).
            gpu: where it computes.
            recorded: whether its work is recorded; it must not wait for the CPU then.
        """
        self.device_name = device_name(gpu.device)
        self._network = network
        self._gpu = gpu
        self._recorded = recorded
        self._recordings: dict[torch.Size, _Recording] = {}

    def launch(self, windows: Sequence[Tensor], size: int) -> Callable[[], Tensor]:
        """As `BatchedNetwork.launch`."""
        try:
            with self._gpu.lock, torch.inference_mode():
                return self._launch(windows, size)
        except RuntimeError as error:
            raise _named(error) from None

    def memory(self) -> tuple[int, int]:
        """Bytes free and bytes in all on the GPU."""
        return torch.cuda.mem_get_info(self._gpu.device)

    def release(self) -> None:
        """Forgets the recordings, which hold memory, and gives back what is cached."""
        self._gpu.computing.synchronize()
        self._recordings.clear()
        self._gpu.give_memory_back()

    def _launch(self, windows: Sequence[Tensor], size: int) -> Callable[[], Tensor]:
        gpu, batch = self._gpu, _pinned(windows, size)
        with torch.cuda.stream(gpu.upwards):
            heard = batch.to(gpu.device, non_blocking=True)
            heard.record_stream(gpu.computing)
        gpu.computing.wait_stream(gpu.upwards)
        with torch.cuda.stream(gpu.computing):
            stems = self._stems_of(heard)[: len(windows)]
            finite = stems.isfinite().all()
            stems.record_stream(gpu.downwards)
            finite.record_stream(gpu.downwards)
        gpu.downwards.wait_stream(gpu.computing)
        with torch.cuda.stream(gpu.downwards):
            result = torch.empty(stems.shape, pin_memory=True).copy_(stems, non_blocking=True)
            sound = torch.empty((), dtype=torch.bool, pin_memory=True).copy_(finite, non_blocking=True)
            arrived = torch.cuda.Event(blocking=True)  # type: ignore[no-untyped-call]  # PyTorch's, untyped
            arrived.record()

        def wait() -> Tensor:
            try:
                arrived.synchronize()
                return result if sound or not self._overflows else self._in_full(batch)[: len(windows)]
            except RuntimeError as error:
                raise _named(error) from None

        return wait

    def _stems_of(self, heard: Tensor) -> Tensor:
        if not self._recorded:
            stems: Tensor = self._network(heard)
            return stems
        if heard.shape not in self._recordings:
            self._recordings[heard.shape] = self._record(heard)
        recording = self._recordings[heard.shape]
        recording.windows.copy_(heard)
        recording.graph.replay()
        # A copy: the next replay overwrites the recording's own while this one is still on its way down.
        return recording.stems.clone()

    def _record(self, heard: Tensor) -> _Recording:
        """Records the network's work on batches of this shape, on the stream that computes."""
        windows = torch.zeros_like(heard)
        for _ in range(WARM_UPS):
            self._network(windows)
        graph, stems = self._gpu.record(lambda: self._network(windows))
        return _Recording(graph, windows, stems)

    @property
    def _overflows(self) -> bool:
        """Whether the numbers that the network computes with are so few that loud ones may pass their end."""
        return isinstance(self._network, RecordableHTDemucs) and self._network.precision is Precision.FP16

    def _in_full(self, batch: Tensor) -> Tensor:
        """A batch again in float32, because numbers overflowed: rare, and slow, but right."""
        assert isinstance(self._network, RecordableHTDemucs)  # noqa: S101  # no other network overflows
        with self._gpu.lock, torch.inference_mode(), torch.cuda.stream(self._gpu.computing):
            return self._network.stems_of(batch.to(self._gpu.device), Precision.FP32).cpu()


def _pinned(windows: Sequence[Tensor], size: int) -> Tensor:
    """The windows one after the other, and silence up to `size`, where the GPU can fetch them by itself."""
    batch = torch.zeros((size, *windows[0].shape), pin_memory=True)
    torch.stack(list(windows), out=batch[: len(windows)])
    return batch


def _named(error: RuntimeError) -> Exception:
    """The error as the engine knows it: a lack of memory, however a library or the driver put it; a GPU that failed; another."""
    if isinstance(error, torch.OutOfMemoryError):
        return error
    behind: BaseException | None = error
    while behind is not None:  # what goes wrong in a recording is followed by the error of a recording that broke off
        if "out of memory" in str(behind) or "ALLOC_FAILED" in str(behind):
            return torch.OutOfMemoryError(str(behind))
        behind = behind.__context__
    if isinstance(error, torch.AcceleratorError):
        return DeviceFailed(f"The GPU failed, and only a new process can use it again: {error}")
    return error


def _stream(device: torch.device) -> torch.cuda.Stream:
    return torch.cuda.Stream(device)  # type: ignore[no-untyped-call]  # PyTorch's, untyped
