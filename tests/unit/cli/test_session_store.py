import asyncio
import stat
from pathlib import Path

import pytest

from cli.client import KeptSession, SessionFile

SESSION = KeptSession("http://music.test", "ann@example.com", "refresh")


def test_a_session_is_kept_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "config" / "session.json"
    SessionFile(path).save(SESSION)
    assert SessionFile(path).load() == SESSION
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert list(path.parent.iterdir()) == [path]


def test_a_file_that_others_could_read_is_replaced_by_one_they_can_not(tmp_path: Path) -> None:
    path = tmp_path / "session.json"
    path.write_text("{}")
    path.chmod(0o644)
    SessionFile(path).save(SESSION)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("content", ["", "{", "[]", '{"url": "x"}', '{"other": 1}'])
def test_a_file_that_makes_no_sense_is_no_session(tmp_path: Path, content: str) -> None:
    path = tmp_path / "session.json"
    path.write_text(content)
    assert SessionFile(path).load() is None


def test_forgetting_twice_is_harmless(tmp_path: Path) -> None:
    store = SessionFile(tmp_path / "session.json")
    store.save(SESSION)
    store.forget()
    store.forget()
    assert store.load() is None


async def test_two_commands_do_not_refresh_at_the_same_time(tmp_path: Path) -> None:
    first, second = SessionFile(tmp_path / "session.json"), SessionFile(tmp_path / "session.json")
    order: list[str] = []
    inside = asyncio.Event()

    async def one() -> None:
        async with first.exclusive():
            inside.set()
            await asyncio.to_thread(order.append, "first")

    async def two() -> None:
        await inside.wait()
        async with second.exclusive():
            order.append("second")

    await asyncio.gather(two(), one())
    assert order == ["first", "second"]
