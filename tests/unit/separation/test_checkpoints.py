"""demucs' checkpoints, read as data: the same network as demucs makes of them, and nothing of them is ever executed."""

import pickle
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from demucs import states
from demucs.htdemucs import HTDemucs
from torch import nn

from services.separation.engine.architecture import Architecture, from_metadata, to_metadata
from services.separation.engine.errors import WeightsCorrupt
from services.separation.engine.network import network_of
from services.separation.engine.registry import NETWORKS
from services.separation.weights.checkpoint import CheckpointRefused, read_checkpoint
from tests.servers.small_weights import small_network

demucs_states: Any = states  # published without types


def package_of(network: Any, *, half: bool = False) -> dict[str, Any]:
    """What demucs saves of a network (`demucs.states.serialize_model`)."""
    positional, arguments = network._init_args_kwargs
    state = demucs_states.get_state(network, None, half)
    return {"klass": type(network), "args": positional, "kwargs": arguments, "state": state, "training_args": {"a": 1}}


def saved(package: Any, folder: Path) -> Path:
    file = folder / "checkpoint.th"
    torch.save(package, file)
    return file


def rewritten(file: Path, change: Callable[[str, bytes], bytes | None], compression: int = zipfile.ZIP_STORED) -> Path:
    """The archive with every member's content changed, or left out."""
    target = file.with_name("rewritten.th")
    with zipfile.ZipFile(file) as before, zipfile.ZipFile(target, "w", compression) as after:
        for name in before.namelist():
            content = change(name, before.read(name))
            if content is not None:
                after.writestr(name, content)
    return target


@pytest.fixture(scope="module")
def network() -> nn.Module:
    return small_network(NETWORKS["htdemucs_6s"], segment=Fraction(39, 5))


@pytest.mark.parametrize("name", ["htdemucs_6s", "hdemucs_mmi", "mdx_extra_e51eebcc"])
@pytest.mark.parametrize("half", [False, True])
def test_the_network_is_the_one_that_demucs_makes_of_it(name: str, half: bool, tmp_path: Path) -> None:
    file = saved(package_of(small_network(NETWORKS[name]), half=half), tmp_path)
    reference = demucs_states.load_model(file)

    found = read_checkpoint(file)
    state = {key: torch.from_numpy(array) for key, array in found.state.items()}
    rebuilt = network_of(from_metadata(to_metadata(found.architecture)), state)

    assert type(rebuilt) is type(reference)
    assert {tensor.dtype for tensor in state.values()} == {torch.float32}
    assert rebuilt.sources == reference.sources
    expected = reference.state_dict()
    assert all(torch.equal(tensor, expected[key]) for key, tensor in rebuilt.state_dict().items())


def test_fractions_survive_the_metadata(network: nn.Module, tmp_path: Path) -> None:
    architecture = read_checkpoint(saved(package_of(network), tmp_path)).architecture
    assert from_metadata(to_metadata(architecture)).arguments["segment"] == Fraction(39, 5)


def test_views_parameters_and_ordered_states_are_understood(tmp_path: Path) -> None:
    whole = torch.arange(24.0).reshape(4, 6)
    state = OrderedDict(
        view=whole[1:, ::2], turned=whole.T, scalar=torch.tensor(7), own=nn.Parameter(whole), none=torch.empty(0, 3)
    )
    file = saved({"klass": HTDemucs, "args": (["a"],), "kwargs": {}, "state": state}, tmp_path)
    found = read_checkpoint(file).state
    assert {name: array.tolist() for name, array in found.items()} == {
        name: tensor.tolist() for name, tensor in state.items()
    }
    assert all(array.flags.c_contiguous for array in found.values())


class Bomb:
    """Calls something as soon as it is unpickled."""

    def __init__(self, function: Callable[..., Any], *arguments: Any) -> None:
        self.call = (function, arguments)

    def __reduce__(self) -> Any:
        return self.call


@pytest.mark.parametrize("place", ["training_args", "klass", "kwargs", "args", "state"])
def test_nothing_that_a_checkpoint_names_is_executed(place: str, network: nn.Module, tmp_path: Path) -> None:
    proof = tmp_path / "executed"
    package = package_of(network)
    bomb = Bomb(Path.touch, proof)
    package[place] = {
        "training_args": {"seed": bomb},
        "klass": bomb,
        "kwargs": {"sources": bomb},
        "args": (bomb,),
        "state": {"encoder.0.conv.weight": bomb},
    }[place]
    file = saved(package, tmp_path)

    if place == "training_args":
        assert read_checkpoint(file).state, "what is not needed does no harm"
    else:
        with pytest.raises(CheckpointRefused):
            read_checkpoint(file)
    assert not proof.exists()
    pickle.loads(pickle.dumps(bomb))  # noqa: S301 - the bomb is our own
    assert proof.exists(), "the same bomb goes off where pickles are trusted"


@pytest.mark.parametrize("klass", [dict, nn.Linear, "demucs.htdemucs.HTDemucs"])
def test_other_classes_are_refused(klass: Any, tmp_path: Path) -> None:
    file = saved({"klass": klass, "args": (), "kwargs": {}, "state": {}}, tmp_path)
    with pytest.raises(CheckpointRefused, match="not one of HTDemucs, HDemucs, Demucs"):
        read_checkpoint(file)


@pytest.mark.parametrize("value", [torch.zeros(1), np.float64(1), complex(1), {1, 2}, b"bytes"])
def test_a_network_is_constructed_with_plain_data_only(value: Any, tmp_path: Path) -> None:
    file = saved({"klass": HTDemucs, "args": (), "kwargs": {"sources": ["a"], "depth": value}, "state": {}}, tmp_path)
    with pytest.raises(CheckpointRefused, match="plain data"):
        read_checkpoint(file)


def test_quantised_ones_are_refused_with_a_sentence(tmp_path: Path) -> None:
    state = {"quantized": [torch.zeros(1)], "__quantized": True}
    with pytest.raises(CheckpointRefused, match="quantised"):
        read_checkpoint(saved({"klass": HTDemucs, "args": (), "kwargs": {}, "state": state}, tmp_path))


def test_numbers_of_unknown_kinds_are_refused(tmp_path: Path) -> None:
    state = {"weight": torch.zeros(1, dtype=torch.bfloat16)}
    with pytest.raises(CheckpointRefused, match="BFloat16Storage"):
        read_checkpoint(saved({"klass": HTDemucs, "args": (), "kwargs": {}, "state": state}, tmp_path))


@pytest.mark.parametrize(
    ("written", "claimed"),
    [(b"K\x04\x85", b"K\x05\x85"), (b"K\x01\x85", b"K\x02\x85"), (b"K\x04\x85", b"J\xff\xff\xff\xff\x85")],
    ids=["longer", "wider", "negative"],
)
def test_tensors_do_not_reach_beyond_what_is_stored(written: bytes, claimed: bytes, tmp_path: Path) -> None:
    state = {"weight": torch.arange(4.0)}  # of the shape (4,) and the stride (1,)
    file = saved({"klass": HTDemucs, "args": (["a"],), "kwargs": {}, "state": state}, tmp_path)

    def lie(name: str, content: bytes) -> bytes:
        return content.replace(written, claimed) if name.endswith("data.pkl") else content

    with pytest.raises(CheckpointRefused, match=r"beyond its storage|negative shape"):
        read_checkpoint(rewritten(file, lie))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda name, content: None if name.endswith("data.pkl") else content, "no data.pkl"),
        (lambda name, content: b"big" if name.endswith("byteorder") else content, "little-endian"),
        (lambda name, content: content[:40] if name.endswith("data.pkl") else content, "no checkpoint of demucs"),
        (lambda name, content: pickle.dumps(7) if name.endswith("data.pkl") else content, "no checkpoint of demucs"),
        (lambda name, content: None if name.endswith("/data/0") else content, "no checkpoint of demucs"),
        (lambda name, content: content[:-1] if name.endswith("/data/0") else content, "no checkpoint of demucs"),
    ],
    ids=["no pickle", "big-endian", "cut", "a number", "a storage is missing", "a storage is short"],
)
def test_malformed_archives_are_refused(
    change: Callable[[str, bytes], bytes | None], reason: str, network: nn.Module, tmp_path: Path
) -> None:
    with pytest.raises(CheckpointRefused, match=reason):
        read_checkpoint(rewritten(saved(package_of(network), tmp_path), change))


def test_compressed_archives_are_refused(network: nn.Module, tmp_path: Path) -> None:
    file = rewritten(saved(package_of(network), tmp_path), lambda _name, content: content, zipfile.ZIP_DEFLATED)
    with pytest.raises(CheckpointRefused, match="compressed"):
        read_checkpoint(file)


@pytest.mark.parametrize("content", [b"", b"<html>no such file</html>", pickle.dumps({"klass": 1})])
def test_what_is_no_archive_is_refused(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "checkpoint.th"
    file.write_bytes(content)
    with pytest.raises(CheckpointRefused, match="no checkpoint of demucs"):
        read_checkpoint(file)


def test_equal_networks_have_equal_metadata() -> None:
    one = Architecture("HDemucs", {"channels": 4, "sources": ("a", "b"), "depth": 2})
    other = Architecture("HDemucs", {"depth": 2, "sources": ["a", "b"], "channels": 4})
    assert to_metadata(one) == to_metadata(other)


def test_demucs_own_metadata_is_understood() -> None:
    metadata = {
        "klass": "demucs.htdemucs.HTDemucs",
        "args": '[["drums", "bass"]]',
        "kwargs": '{"segment": {"_type": "fraction", "numerator": 39, "denominator": 5}, "cac": true}',
    }
    found = from_metadata(metadata)
    assert found == Architecture("HTDemucs", {"segment": Fraction(39, 5), "cac": True}, (["drums", "bass"],))


GOOD = {"klass": "demucs.hdemucs.HDemucs", "args": "[]", "kwargs": "{}"}


@pytest.mark.parametrize(
    "metadata",
    [
        {},
        {**GOOD, "klass": "subprocess.Popen"},
        {**GOOD, "args": "{}"},
        {**GOOD, "kwargs": "[]"},
        {**GOOD, "kwargs": "{"},
        {**GOOD, "kwargs": '{"segment": {"_type": "fraction", "numerator": 1, "denominator": 0}}'},
        {**GOOD, "kwargs": '{"segment": {"_type": "fraction", "numerator": "x", "denominator": 1}}'},
        {"network": "nonsense"},
        {"network": "[]"},
    ],
)
def test_metadata_of_no_network_is_refused(metadata: dict[str, str]) -> None:
    with pytest.raises(WeightsCorrupt, match="does not say what network"):
        from_metadata(metadata)


@pytest.mark.parametrize("value", [object(), b"x", {1: 2}])
def test_only_plain_data_becomes_metadata(value: object) -> None:
    with pytest.raises(WeightsCorrupt, match="numbers, strings, lists and tables"):
        to_metadata(Architecture("Demucs", {"depth": value}))
