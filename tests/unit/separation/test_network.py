"""Loading a network: verified weights, the device that was asked for, or a sentence that says what to do."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from services.separation.engine.architecture import Architecture
from services.separation.engine.errors import DeviceUnavailable, WeightsCorrupt, WeightsMissing
from services.separation.engine.inference import DirectInference
from services.separation.engine.network import build_network, choose_device, load_network, use_threads
from services.separation.engine.registry import NETWORKS, NetworkCard
from tests.servers.small_weights import small_model, small_network, write_weights

HTDEMUCS, SIX_STEMS, HYBRID = NETWORKS["htdemucs"], NETWORKS["htdemucs_6s"], NETWORKS["hdemucs_mmi"]


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


@pytest.mark.parametrize("model", ["htdemucs_ft", "htdemucs_6s", "hdemucs_mmi", "mdx_extra"])
def test_networks_of_every_class_are_rebuilt_from_their_files(model: str, tmp_path: Path) -> None:
    for card, _ in small_model(model, tmp_path).networks:
        loaded, written = load_network(card, tmp_path), small_network(card)
        assert type(loaded) is type(written)
        assert not loaded.training
        expected = written.state_dict()
        assert all(torch.equal(tensor, expected[name]) for name, tensor in loaded.state_dict().items())


def test_half_precision_files_are_loaded_as_single(tmp_path: Path) -> None:
    write_weights(HYBRID, small_network(HYBRID).half(), tmp_path)
    assert {parameter.dtype for parameter in load_network(HYBRID, tmp_path).parameters()} == {torch.float32}


@pytest.mark.parametrize(
    ("card", "command"),
    [(HTDEMUCS, "`make weights`"), (NETWORKS["htdemucs_ft_bass"], "`make weights MODELS=htdemucs_ft`")],
)
def test_missing_weights_say_what_to_do(card: NetworkCard, command: str, tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match=command):
        load_network(card, tmp_path)


def test_other_weights_are_refused_by_hash(tmp_path: Path) -> None:
    HTDEMUCS.weights_file(tmp_path).write_bytes(b"not the published model")
    with pytest.raises(WeightsCorrupt, match=str(HTDEMUCS.weights_sha256)):
        load_network(HTDEMUCS, tmp_path)


def test_a_bit_that_flipped_is_noticed_by_the_digest_beside_the_file(tmp_path: Path) -> None:
    file = write_weights(HYBRID, small_network(HYBRID), tmp_path)
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    with pytest.raises(WeightsCorrupt, match="its SHA-256 is"):
        load_network(HYBRID, tmp_path)


def test_weights_without_a_digest_are_not_trusted(tmp_path: Path) -> None:
    write_weights(HYBRID, small_network(HYBRID), tmp_path)
    HYBRID.digest_file(tmp_path).unlink()
    with pytest.raises(WeightsMissing, match=r"hdemucs_mmi\.sha256.*make weights MODELS=hdemucs_mmi"):
        load_network(HYBRID, tmp_path)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"sources": ["drums", "bass"]}, "holds a network for"),
        ({"samplerate": 48_000}, "holds a network for"),
        ({"audio_channels": 1}, "holds a network for"),
        ({"segment": 5.0}, "windows of 220500 frames, not 343980"),
    ],
)
def test_another_network_than_the_card_says_is_refused(wrong: dict[str, object], sentence: str, tmp_path: Path) -> None:
    write_weights(SIX_STEMS, small_network(SIX_STEMS, **wrong), tmp_path)
    with pytest.raises(WeightsCorrupt, match=sentence):
        load_network(SIX_STEMS, tmp_path)


def test_tensors_of_another_network_are_refused(tmp_path: Path) -> None:
    network: Any = small_network(HYBRID)
    network._init_args_kwargs[1]["channels"] = 8
    write_weights(HYBRID, network, tmp_path)
    with pytest.raises(WeightsCorrupt, match="its tensors are not those of the network it says it is"):
        load_network(HYBRID, tmp_path)


def test_a_file_that_is_no_safetensors_is_refused(tmp_path: Path) -> None:
    write_weights(HYBRID, small_network(HYBRID), tmp_path)
    HYBRID.weights_file(tmp_path).write_bytes(b"7" * 100)
    with pytest.raises(WeightsCorrupt):
        load_network(HYBRID, tmp_path)


def test_arguments_older_than_the_class_are_left_out() -> None:
    network = build_network(Architecture("HDemucs", {"sources": ["a"], "channels": 4, "long_forgotten": 1}))
    assert isinstance(network, nn.Module)


@pytest.mark.parametrize("arguments", [{}, {"sources": ["a"], "channels": "many"}, {"sources": ["a"], "depth": -1.5}])
def test_arguments_that_build_nothing_are_refused(arguments: dict[str, object]) -> None:
    with pytest.raises(WeightsCorrupt, match="no HDemucs can be built"):
        build_network(Architecture("HDemucs", arguments))


@pytest.mark.usefixtures("no_gpu")
@pytest.mark.parametrize("device", ["cuda", "cuda:0", "mps"])
def test_a_gpu_that_is_not_there_is_never_replaced(device: str) -> None:
    with pytest.raises(DeviceUnavailable, match=f"'{device}'"):
        choose_device(device)


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
def test_threads_are_bounded() -> None:
    use_threads(1)
    assert torch.get_num_threads() == 1


def test_no_threads_at_all() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        use_threads(0)


def test_the_real_network_is_ready(htdemucs: DirectInference) -> None:
    assert not htdemucs.network.training
    assert {parameter.dtype for parameter in htdemucs.network.parameters()} == {torch.float32}
    assert {parameter.device.type for parameter in htdemucs.network.parameters()} == {"cpu"}
