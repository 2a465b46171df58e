"""The weights step against an HTTP server: a mirror that has some names and not others, and demucs' site itself."""

import functools
import hashlib
import io
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import torch
from rich.console import Console

from services.separation.engine.network import load_network
from services.separation.engine.registry import NETWORKS, NetworkCard
from services.separation.weights import sources
from services.separation.weights.obtain import obtain
from tests.servers.small_weights import small_network


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the base class calls it
        """Nobody reads it."""


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    """The address of a server that gives out the folder `site`."""
    folder = tmp_path / "site"
    folder.mkdir()
    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def published(site: str, tmp_path: Path) -> NetworkCard:
    """The card of a small network whose checkpoint the server has, under the name that demucs would give it."""
    network: Any = small_network(NETWORKS["hdemucs_mmi"])
    positional, arguments = network._init_args_kwargs
    content = io.BytesIO()
    torch.save(
        {"klass": type(network), "args": positional, "kwargs": arguments, "state": network.state_dict()}, content
    )
    name = f"hybrid_transformer/75fc33f5-{hashlib.sha256(content.getvalue()).hexdigest()[:8]}.th"
    (tmp_path / "site" / "hybrid_transformer").mkdir()
    (tmp_path / "site" / name).write_bytes(content.getvalue())
    return replace(NETWORKS["hdemucs_mmi"], checkpoint=name)


@pytest.mark.parametrize("mirrored", [True, False], ids=["mirror", "demucs' site"])
def test_a_checkpoint_is_fetched_converted_and_loaded(
    mirrored: bool, site: str, published: NetworkCard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "CHECKPOINTS", "http://127.0.0.1:1/" if mirrored else f"{site}/")
    obtain(published, tmp_path / "weights", site if mirrored else None, Console(file=io.StringIO()))
    state = load_network(published, tmp_path / "weights").state_dict()
    expected = small_network(NETWORKS["hdemucs_mmi"]).state_dict()
    assert all(torch.equal(tensor, expected[name]) for name, tensor in state.items())
