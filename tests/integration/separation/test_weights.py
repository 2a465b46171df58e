"""The weights step against an HTTP server: a mirror that has some names and not others, and demucs' site itself."""

import functools
import io
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import torch
from rich.console import Console

from services.separation.engine.network import load_network
from services.separation.engine.registry import NETWORKS
from services.separation.weights import sources
from services.separation.weights.obtain import obtain
from tests.servers.small_weights import publish_checkpoint, small_network


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


@pytest.mark.parametrize("mirrored", [True, False], ids=["mirror", "demucs' site"])
def test_a_checkpoint_is_fetched_converted_and_loaded(
    mirrored: bool, site: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    published = publish_checkpoint(NETWORKS["hdemucs_mmi"], tmp_path / "site")
    monkeypatch.setattr(sources, "CHECKPOINTS", "http://127.0.0.1:1/" if mirrored else f"{site}/")
    obtain(published, tmp_path / "weights", site if mirrored else None, Console(file=io.StringIO()))
    state = load_network(published, tmp_path / "weights").state_dict()
    expected = small_network(NETWORKS["hdemucs_mmi"]).half().float().state_dict()
    assert all(torch.equal(tensor, expected[name]) for name, tensor in state.items())
