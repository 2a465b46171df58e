"""Loading a model: verified weights, the device that was asked for, or a sentence that says what to do."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from services.separation.engine.errors import DeviceUnavailable, UnknownModel, WeightsCorrupt, WeightsMissing
from services.separation.engine.network import Model, choose_device, load_model
from services.separation.engine.registry import HTDEMUCS


@pytest.fixture
def no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without a GPU, wherever the test runs."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)


@pytest.fixture
def restored_threads() -> Iterator[None]:
    """Gives torch its threads back after the test."""
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def test_missing_weights_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match="make weights"):
        load_model(tmp_path, "cpu")


def test_other_weights_are_refused_by_hash(tmp_path: Path) -> None:
    HTDEMUCS.weights_file(tmp_path).write_bytes(b"not the published model")
    with pytest.raises(WeightsCorrupt, match=HTDEMUCS.weights_sha256):
        load_model(tmp_path, "cpu")


def test_unknown_model(tmp_path: Path) -> None:
    with pytest.raises(UnknownModel):
        load_model(tmp_path, "cpu", name="nobody")


@pytest.mark.usefixtures("no_gpu")
@pytest.mark.parametrize("device", ["cuda", "cuda:0", "mps"])
def test_a_gpu_that_is_not_there_is_never_replaced(tmp_path: Path, device: str) -> None:
    with pytest.raises(DeviceUnavailable, match=f"'{device}'"):
        load_model(tmp_path, device)


@pytest.mark.parametrize("device", ["", "gpu", "meta", "cuda:x", "tpu"])
def test_a_device_that_nobody_knows(device: str) -> None:
    with pytest.raises(DeviceUnavailable, match="use auto, cpu, cuda"):
        choose_device(device)


@pytest.mark.usefixtures("no_gpu")
def test_auto_is_the_cpu_without_a_gpu() -> None:
    assert choose_device("auto") == torch.device("cpu")


def test_auto_is_the_gpu_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert choose_device("auto") == torch.device("cuda")


@pytest.mark.usefixtures("restored_threads")
def test_threads_are_bounded(weights: Path) -> None:
    load_model(weights, "cpu", threads=1)
    assert torch.get_num_threads() == 1


def test_no_threads_at_all(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        load_model(tmp_path, "cpu", threads=0)


def test_loaded_network_is_ready(htdemucs: Model) -> None:
    assert not htdemucs.network.training
    assert htdemucs.device == torch.device("cpu")


def test_attention_switch_is_put_back(tiny: Model) -> None:
    before = torch.backends.mha.get_fastpath_enabled()
    tiny.infer(torch.zeros(1, 2, tiny.card.window_frames))
    assert torch.backends.mha.get_fastpath_enabled() == before
