"""What a GPU records, computed on the CPU; and, where there is a GPU, on it."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from demucs.htdemucs import HTDemucs
from torch import Tensor

from services.separation.engine import cuda_core
from services.separation.engine.cuda_core import CudaNetwork, gpu_of, set_arithmetic
from services.separation.engine.errors import DeviceFailed
from services.separation.engine.precision import Precision
from services.separation.engine.recordable import RecordableHTDemucs
from tests.unit.separation.networks import RATE, STEMS

needs_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="no NVIDIA GPU in this machine")

SHAPES: dict[str, dict[str, Any]] = {
    "as published, small": {"channels": 8, "nfft": 2048, "t_layers": 3, "t_heads": 2, "bottom_channels": 64},
    "without attention": {"channels": 8, "nfft": 2048, "t_layers": 0},
    "six stems": {"sources": [*STEMS, "guitar", "piano"], "channels": 8, "nfft": 2048, "t_layers": 2, "t_heads": 2},
}


def network_of(seconds: float = 0.5, **arguments: object) -> HTDemucs:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(7)
        return HTDemucs(**{"sources": list(STEMS), "segment": seconds, **arguments}).eval()  # type: ignore[no-any-return]  # demucs'


def music(batch: int, seconds: float = 0.5, seed: int = 1) -> Tensor:
    """Windows as the engine hands them out: noise of about unit level."""
    return torch.randn(batch, 2, int(seconds * RATE), generator=torch.Generator().manual_seed(seed))


def distance_db(found: Tensor, expected: Tensor) -> float:
    """How far below the expected the difference is."""
    return float(10 * torch.log10((found - expected).square().sum() / expected.square().sum()))


@pytest.fixture
def arithmetic() -> Iterator[None]:
    """Puts back what `set_arithmetic` changes for the whole process."""
    matmul, cudnn, mha = torch.backends.cuda.matmul, torch.backends.cudnn, torch.backends.mha
    before = (matmul.fp32_precision, cudnn.conv.fp32_precision, cudnn.rnn.fp32_precision, cudnn.deterministic)  # type: ignore[attr-defined]  # unknown to PyTorch's types
    fast = mha.get_fastpath_enabled()
    yield
    matmul.fp32_precision, cudnn.conv.fp32_precision, cudnn.rnn.fp32_precision, cudnn.deterministic = before  # type: ignore[attr-defined]  # as above
    mha.set_fastpath_enabled(fast)


@pytest.mark.parametrize(("shape", "seconds"), [*((shape, 0.5) for shape in SHAPES), ("without attention", 0.77)])
@torch.inference_mode()
def test_what_is_recorded_equals_the_network(shape: str, seconds: float, one_thread: None) -> None:
    network = network_of(seconds, **SHAPES[shape])
    recordable = RecordableHTDemucs(copy.deepcopy(network), Precision.FP32)
    for windows in (music(2, seconds), music(1, seconds, seed=2)):
        torch.testing.assert_close(recordable(windows), network(windows), atol=2e-6, rtol=0)


@torch.inference_mode()
def test_what_is_recorded_is_silent_for_silence(one_thread: None) -> None:
    network = network_of(**SHAPES["as published, small"])
    silence = torch.zeros_like(music(1))
    expected = network(silence)
    torch.testing.assert_close(RecordableHTDemucs(network, Precision.FP32)(silence), expected, atol=2e-6, rtol=0)


@pytest.mark.parametrize(("precision", "at_most_db"), [(Precision.FP16, -55.0), (Precision.BF16, -40.0)])
@torch.inference_mode()
def test_reduced_precision_stays_close_and_loses_nothing_to_the_transforms(
    precision: Precision, at_most_db: float, one_thread: None
) -> None:
    recordable = RecordableHTDemucs(network_of(**SHAPES["as published, small"]), precision)
    stems = recordable(music(2))
    assert stems.dtype is torch.float32
    assert distance_db(stems, recordable.stems_of(music(2), Precision.FP32)) < at_most_db


def test_a_network_of_another_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="complex spectrograms"):
        RecordableHTDemucs(network_of(**SHAPES["without attention"], cac=False), Precision.FP32)


@pytest.mark.parametrize(("precision", "products"), [(Precision.TF32, "tf32"), (Precision.FP16, "ieee")])
def test_the_arithmetic_is_that_of_the_precision(precision: Precision, products: str, arithmetic: None) -> None:
    set_arithmetic(precision)
    assert torch.backends.cuda.matmul.fp32_precision == products
    assert torch.backends.cudnn.conv.fp32_precision == products  # type: ignore[attr-defined]  # unknown to PyTorch's types
    assert torch.backends.cudnn.deterministic


@pytest.mark.parametrize("text", ["CUDA error: out of memory", "cuFFT error: CUFFT_ALLOC_FAILED"])
def test_a_lack_of_memory_is_recognised_however_it_is_put(text: str) -> None:
    assert isinstance(cuda_core._named(RuntimeError(text)), torch.OutOfMemoryError)


def test_a_lack_of_memory_is_recognised_behind_a_recording_that_broke_off() -> None:
    broken_off = RuntimeError("operation failed due to a previous error during capture")
    broken_off.__context__ = torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 1.00 GiB.")
    assert "1.00 GiB" in str(cuda_core._named(broken_off))


def test_a_gpu_that_failed_is_told_from_a_batch_that_did() -> None:
    failed = torch.AcceleratorError("CUDA error: an illegal memory access was encountered")
    assert isinstance(cuda_core._named(failed), DeviceFailed)
    other = RuntimeError("shapes do not fit")
    assert cuda_core._named(other) is other


@needs_gpu
@pytest.mark.parametrize("recorded", [True, False])
def test_a_gpu_computes_what_the_cpu_computes(recorded: bool, arithmetic: None) -> None:
    network = network_of(**SHAPES["as published, small"])
    windows = music(3)
    with torch.inference_mode():
        expected = network(windows)
    on_gpu = _on_gpu(network, Precision.FP32, recorded=recorded)
    for _ in range(3):
        assert distance_db(on_gpu.launch(list(windows), 4)(), expected) < -90
    assert on_gpu.launch(list(windows[:1]), 1)().shape == (1, *expected.shape[1:])
    on_gpu.release()
    assert distance_db(on_gpu.launch(list(windows), 4)(), expected) < -90


@needs_gpu
def test_on_a_gpu_company_changes_nothing(arithmetic: None) -> None:
    on_gpu = _on_gpu(network_of(**SHAPES["as published, small"]), Precision.FP16, recorded=True)
    windows, others = music(8), 10 * music(8, seed=2)
    alone = on_gpu.launch([windows[0]], 8)()[0]
    waits = [on_gpu.launch([windows[0], *others[1:]], 8), on_gpu.launch([*others[1:], windows[0]], 8)]
    first, last = waits[0]()[0], waits[1]()[-1]
    assert distance_db(first, alone) < -90
    assert distance_db(last, alone) < -90


@needs_gpu
def test_on_a_gpu_numbers_that_overflow_are_computed_again_in_full(arithmetic: None) -> None:
    network = network_of(**SHAPES["without attention"])
    with torch.no_grad():  # the last convolution answers beyond what half precision holds
        for name, parameter in network.named_parameters():
            if name.startswith("tdecoder.3.conv_tr"):
                parameter.mul_(1e6)
    windows = music(1)
    with torch.inference_mode():
        expected = network(windows)
    stems = _on_gpu(network, Precision.FP16, recorded=True).launch(list(windows), 1)()
    assert distance_db(stems, expected) < -90


def _on_gpu(network: HTDemucs, precision: Precision, *, recorded: bool) -> CudaNetwork:
    set_arithmetic(precision)
    gpu = gpu_of(0)
    copied = copy.deepcopy(network).to(gpu.device)
    return CudaNetwork(RecordableHTDemucs(copied, precision) if recorded else copied, gpu, recorded=recorded)
