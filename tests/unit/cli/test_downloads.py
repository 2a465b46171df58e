from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from cli.client import NotFound, Unavailable
from cli.client.downloads import plain_name, save
from tests.unit.cli.scripted import Answer, Script

ADDRESS = "http://store.test/object"


def cut_after(content: bytes) -> Answer:
    async def body() -> AsyncIterator[bytes]:
        yield content
        raise httpx.ReadError("gone")

    return lambda _: httpx.Response(200, content=body())


async def _save(script: Script, into: Path) -> int:
    received = 0

    def add(more: int) -> None:
        nonlocal received
        received += more

    async with script.api() as api:
        await save(api, ADDRESS, into, add)
    return received


async def test_a_file_is_saved_whole(script: Script, tmp_path: Path) -> None:
    script.on("GET", "/object", lambda _: httpx.Response(200, content=b"music"))
    assert await _save(script, tmp_path / "a.wav") == 5
    assert (tmp_path / "a.wav").read_bytes() == b"music"
    assert list(tmp_path.iterdir()) == [tmp_path / "a.wav"]
    assert "authorization" not in script.asked("/object")[0].headers


async def test_a_download_that_breaks_goes_on_where_it_was(script: Script, tmp_path: Path) -> None:
    script.on("GET", "/object", cut_after(b"mu"), lambda _: httpx.Response(206, content=b"sic"))
    assert await _save(script, tmp_path / "a.wav") == 5
    assert (tmp_path / "a.wav").read_bytes() == b"music"
    assert script.asked("/object")[1].headers["range"] == "bytes=2-"


async def test_a_store_that_begins_anew_is_followed(script: Script, tmp_path: Path) -> None:
    script.on("GET", "/object", cut_after(b"mu"), lambda _: httpx.Response(200, content=b"music"))
    assert await _save(script, tmp_path / "a.wav") == 5
    assert (tmp_path / "a.wav").read_bytes() == b"music"


async def test_nothing_is_left_of_a_download_that_failed(script: Script, tmp_path: Path) -> None:
    script.on("GET", "/object", cut_after(b"mu"), lambda _: httpx.Response(503))
    (tmp_path / "a.wav").write_bytes(b"old")
    with pytest.raises(Unavailable):
        await _save(script, tmp_path / "a.wav")
    assert (tmp_path / "a.wav").read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [tmp_path / "a.wav"]


async def test_what_is_not_there_is_not_asked_for_again(script: Script, tmp_path: Path) -> None:
    script.on("GET", "/object", lambda _: httpx.Response(404))
    with pytest.raises(NotFound):
        await _save(script, tmp_path / "a.wav")
    assert len(script.asked("/object")) == 1


@pytest.mark.parametrize(
    ("suggested", "name"),
    [
        ("song.wav", "song.wav"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        (".bashrc", "bashrc"),
        ("..", "download"),
        ("", "download"),
    ],
)
def test_a_suggested_name_stays_in_its_directory(suggested: str, name: str) -> None:
    assert plain_name(suggested) == name
