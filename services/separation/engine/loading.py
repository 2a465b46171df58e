"""From a network's card to an inference that computes it as this installation wants it."""

import functools
import gc
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import torch
from demucs.htdemucs import HTDemucs
from torch import nn

from services.separation.engine import cuda_core
from services.separation.engine.batching import BatchedInference
from services.separation.engine.cpu_core import CpuCore
from services.separation.engine.cuda_core import CudaNetwork
from services.separation.engine.errors import DeviceUnavailable, OutOfMemory
from services.separation.engine.inference import DirectInference, Inference, device_name, input_frames
from services.separation.engine.network import choose_device, load_network, use_threads
from services.separation.engine.precision import Precision
from services.separation.engine.recordable import RecordableHTDemucs
from services.separation.engine.registry import NetworkCard


@dataclass(frozen=True, slots=True)
class Computing:
    """How networks are computed.

    Attributes:
        device: where.
        cpu_core: what computes HTDemucs' core on a CPU.
        precision: of the cores on a GPU; everywhere else it is float32.
        batch_sizes: that windows are padded to on a GPU. With one of them results do not depend on the load.
    """

    device: torch.device
    cpu_core: CpuCore = CpuCore.TORCH
    precision: Precision = Precision.FP16
    batch_sizes: tuple[int, ...] = (8,)

    @property
    def on_gpu(self) -> bool:
        """Whether windows are computed in batches on a CUDA GPU, so that several jobs at once pay."""
        return self.device.type == "cuda"

    @property
    def memory_factor(self) -> int:
        """How many times a network's weights are in memory while it is loaded."""
        return 2 if self.in_openvino else 1  # OpenVINO keeps what it read beside what it made of that

    @property
    def in_openvino(self) -> bool:
        """Whether OpenVINO computes."""
        return self.device.type == "cpu" and self.cpu_core is CpuCore.OPENVINO

    @property
    def device_name(self) -> str:
        """The device, for people."""
        return device_name(self.device)


def computing(
    device: str,
    *,
    threads: int,
    precision: Precision,
    batch_sizes: Sequence[int],
    cpu_core: CpuCore = CpuCore.TORCH,
) -> Computing:
    """How networks are computed on the device of this name; sets what holds for the whole process.

    Args:
        device: as `choose_device` knows it.
        threads: of torch on the CPU; 0 leaves torch's choice.
        cpu_core: as Computing.cpu_core.
        precision: as Computing.precision.
        batch_sizes: as Computing.batch_sizes; each at least 1.

    Raises:
        DeviceUnavailable: the device is not in this machine, or what is to compute on it is not installed.
        ValueError: threads or batch sizes that make no sense.
    """
    if not batch_sizes or min(batch_sizes) < 1:
        raise ValueError(f"batch sizes must be at least 1, not {list(batch_sizes)}")
    chosen = choose_device(device)
    if chosen.type == "cpu" and cpu_core is CpuCore.OPENVINO and find_spec("openvino") is None:
        raise DeviceUnavailable("OpenVINO was asked for, but it is not installed here. Install it, or choose torch.")
    if threads:
        use_threads(threads)
    if chosen.type == "cuda":
        cuda_core.set_arithmetic(precision)
    return Computing(chosen, cpu_core, precision, tuple(batch_sizes))


def load_inference(card: NetworkCard, weights_dir: Path, how: Computing) -> Inference:
    """Loads a network's verified weights; on a GPU it has computed once when this returns.

    Raises:
        WeightsMissing, WeightsCorrupt: as `load_network`.
        OutOfMemory: the GPU has no room for it.
    """
    if how.in_openvino:
        from services.separation.engine import openvino_core  # an optional package, only where it is configured

        return openvino_core.load(card, weights_dir)
    if not how.on_gpu:
        return DirectInference(card, load_network(card, weights_dir, how.device), how.device)
    network = load_network(card, weights_dir)
    gpu = cuda_core.gpu_of(how.device.index or 0)
    try:
        with gpu.lock:
            network.to(gpu.device)
    except torch.OutOfMemoryError as error:
        raise OutOfMemory(
            f"The weights of {card.name} do not fit into the memory of {how.device_name}: {error}"
        ) from None
    return _warmed_up(_batched(card, network, gpu, how))


def unload(inference: Inference) -> None:
    """Ends an inference that nobody will ask again. Its memory is free once `give_memory_back` runs without references to it."""
    if isinstance(inference, BatchedInference):
        inference.close()


def give_memory_back(how: Computing) -> None:
    """Gives back the memory of what nobody refers to any more."""
    gc.collect()  # networks hold cycles
    if how.on_gpu:
        cuda_core.gpu_of(how.device.index or 0).give_memory_back()


def _batched(card: NetworkCard, network: nn.Module, gpu: cuda_core.Gpu, how: Computing) -> BatchedInference:
    frames = functools.partial(input_frames, network)
    recorded = isinstance(network, HTDemucs)
    module = RecordableHTDemucs(network, how.precision) if isinstance(network, HTDemucs) else network
    return BatchedInference(card, CudaNetwork(module, gpu, recorded=recorded), how.batch_sizes, frames)


def _warmed_up(inference: BatchedInference) -> BatchedInference:
    """The inference after its first batch, in which the GPU's libraries start and its work is recorded."""
    card = inference.card
    try:
        inference.submit(torch.zeros(card.channels, inference.input_frames(card.window_frames))).result()
    except BaseException:
        inference.close()
        raise
    return inference
