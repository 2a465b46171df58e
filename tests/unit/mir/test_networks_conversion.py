"""Checkpoints become ONNX files: read as data, the same arithmetic as PyTorch's, the same bytes every time."""

import io
import pickle
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import numpy as np
import onnxruntime as ort
import pytest
import torch
from numpy.typing import NDArray

from services.mir.weights.beats_onnx import beats_onnx
from services.mir.weights.checkpoint import CheckpointRefused, read_state
from services.mir.weights.chords_onnx import chords_onnx
from tests.unit.mir.torch_networks import BeatNetwork, ChordNetwork, random_network


def saved(package: Any, *, archive: bool = True) -> bytes:
    file = io.BytesIO()
    torch.save(package, file, _use_new_zipfile_serialization=archive)
    return file.getvalue()


def run(model: bytes, **inputs: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    session = ort.InferenceSession(model, providers=["CPUExecutionProvider"])
    answers: list[NDArray[np.float32]] = session.run(None, inputs)
    return answers


def heard(bins: int, frames: int = 40) -> NDArray[np.float32]:
    return np.random.default_rng(1).gamma(1.0, 0.3, (frames, bins)).astype(np.float32)


MEMORY = np.zeros((6, 1, 150), np.float32)


def test_three_beat_networks_are_averaged_as_pytorch_would() -> None:
    networks = [random_network(BeatNetwork, seed) for seed in range(3)]
    spectra = heard(272)
    with torch.no_grad():
        expected = sum(network(torch.from_numpy(spectra)).softmax(1) for network in networks) / 3

    model = beats_onnx([read_state(saved(network.state_dict())) for network in networks])
    classes, hidden, cell = run(model, spectra=spectra, hidden=MEMORY, cell=MEMORY)
    np.testing.assert_allclose(classes, torch.as_tensor(expected).numpy(), atol=1e-5)

    first, between, held = run(model, spectra=spectra[:13], hidden=MEMORY, cell=MEMORY)
    rest, hidden_after, cell_after = run(model, spectra=spectra[13:], hidden=between, cell=held)
    np.testing.assert_allclose(np.concatenate([first, rest]), classes, atol=1e-6)
    np.testing.assert_allclose(hidden_after, hidden, atol=1e-6)
    np.testing.assert_allclose(cell_after, cell, atol=1e-6)


def test_a_chord_network_answers_as_pytorch_would() -> None:
    network = random_network(ChordNetwork, 0)
    spectra = heard(252)
    with torch.no_grad():
        logits = network(torch.from_numpy(spectra))
    expected = [logits[:, :73], logits[:, 73:86], logits[:, 86:90]]

    package = {"net": network.state_dict(), "opt": {"state": {}}, "loss": 2.0}
    model = chords_onnx([read_state(saved(package, archive=False))])
    for answer, head in zip(run(model, spectra=spectra), expected, strict=True):
        np.testing.assert_allclose(answer, head.softmax(1).numpy(), atol=1e-5)


def test_the_same_checkpoints_make_the_same_bytes() -> None:
    beats = [read_state(saved(random_network(BeatNetwork, seed).state_dict())) for seed in range(3)]
    chords = [read_state(saved(random_network(ChordNetwork, 0).state_dict()))]
    assert beats_onnx(beats) == beats_onnx(beats)
    assert chords_onnx(chords) == chords_onnx(chords)


@pytest.mark.parametrize("archive", [True, False])
def test_both_layouts_and_views_of_a_shared_storage_are_read(archive: bool) -> None:
    storage = torch.arange(24.0)
    state = OrderedDict(whole=storage, part=storage[4:10], turned=storage.reshape(4, 6).T, single=torch.tensor(5.0))
    content = read_state(saved(state, archive=archive))
    assert content.keys() == state.keys()
    for name, array in content.items():
        np.testing.assert_array_equal(array, state[name].numpy())
        assert array.flags.c_contiguous


def changed(content: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """The archive with another pickle in it."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(file, "w") as after:
        for name in before.namelist():
            member = before.read(name)
            after.writestr(name, change(member) if name.endswith("data.pkl") else member)
    return file.getvalue()


class Malice:
    def __reduce__(self) -> tuple[Any, ...]:
        return print, ("executed",)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "no checkpoint"),
        (b"PK nothing", "no checkpoint"),
        (saved({"a": torch.zeros(2)})[:-100], "no checkpoint"),
        (saved({"a": torch.zeros(1000)}, archive=False)[:-100], "beyond|impossible"),
        (pickle.dumps(1) * 5, "does not begin"),
        (saved({"a": torch.zeros(2, dtype=torch.float64)}), "DoubleStorage"),
        (saved({"a": 1.0}), "no checkpoint"),
        (changed(saved({}), lambda _: pickle.dumps({"a": Malice()})), "names"),
        (
            changed(saved({"a": torch.zeros(7)}), lambda pickled: pickled.replace(b"K\x07\x85", b"K\x63\x85")),
            "impossible",
        ),
        (changed(saved({"a": torch.zeros(7)}), lambda pickled: pickled.replace(b"K\x01\x85", b"K\x03\x85")), "beyond"),
    ],
)
def test_what_is_no_checkpoint_of_plain_tensors_is_refused(
    content: bytes, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(CheckpointRefused, match=reason):
        read_state(content)
    assert capsys.readouterr().out == ""
