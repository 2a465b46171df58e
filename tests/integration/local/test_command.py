"""What a person at the terminal is told."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local import environment
from deploy.local.__main__ import main
from deploy.local.home import Home
from tests.servers.backing import throw_away_home


@pytest.fixture
def home() -> Iterator[Home]:
    """A home that nobody uses."""
    with throw_away_home() as home:
        yield home


def test_a_home_in_use_is_told_in_a_sentence(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    with home:
        assert main(["up", "--home", str(home.root)]) == 1
    told = capsys.readouterr().err
    assert "is in use by another" in told
    assert "Traceback" not in told


def test_a_home_that_was_never_started_is_told_in_a_sentence(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["env", "--home", str(home.root)]) == 1
    assert "has not been started yet" in capsys.readouterr().err


def test_the_home_is_the_one_that_the_environment_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUREMUSIC_HOME", "/somewhere")
    assert environment.default_home() == Path("/somewhere")
    monkeypatch.delenv("PUREMUSIC_HOME")
    assert environment.default_home() == Path(".puremusic")


def test_a_service_inherits_what_it_is_not_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUREMUSIC_LOG_LEVEL", "DEBUG")
    monkeypatch.setenv("PUREMUSIC_LISTEN", "0.0.0.0:1")
    monkeypatch.setenv("PUREMUSIC_POSTGRES_PASSWORD", "the person's")
    told = environment.for_service({"PUREMUSIC_LISTEN": "127.0.0.1:2", "PUREMUSIC_POSTGRES_PASSWORD_FILE": "/secret"})
    assert told["PUREMUSIC_LOG_LEVEL"] == "DEBUG"
    assert told["PUREMUSIC_LISTEN"] == "127.0.0.1:2"
    assert "PUREMUSIC_POSTGRES_PASSWORD" not in told


def test_a_server_inherits_next_to_nothing(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPORT", "1")
    told = environment.for_server(home.root, {"KEY": "value"})
    assert set(told) <= {"PATH", "TMPDIR", "TZ", "HOME", "LANG", "KEY"}
