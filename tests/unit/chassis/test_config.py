"""Configuration: what is read, what is refused, and that secrets stay secret."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from chassis.config import Address, ConfigError, Secret, load, section, setting, variables


@dataclass(frozen=True)
class Inner:
    password: Secret = setting("PASSWORD", "a password")
    flag: bool = setting("FLAG", "a switch", False)


@dataclass(frozen=True)
class Outer:
    listen: Address = setting("LISTEN", "where to listen")
    inner: Inner = section(Inner)
    names: tuple[str, ...] = setting("NAMES", "names", ("a", "b"))
    ratio: float = setting("RATIO", "a ratio", 0.5)


GIVEN = {"PUREMUSIC_LISTEN": "127.0.0.1:80", "PUREMUSIC_PASSWORD": "hush"}


def test_reads_every_kind_and_sections() -> None:
    config = load(Outer, {**GIVEN, "PUREMUSIC_FLAG": "on", "PUREMUSIC_NAMES": "x, y", "PUREMUSIC_RATIO": "2"})
    assert config.listen == Address("127.0.0.1", 80)
    assert config.inner.password.reveal() == "hush"
    assert config.inner.flag is True
    assert config.names == ("x", "y")
    assert config.ratio == 2.0


def test_defaults_stand_where_nothing_is_given() -> None:
    config = load(Outer, GIVEN)
    assert (config.names, config.ratio, config.inner.flag) == (("a", "b"), 0.5, False)


def test_names_everything_that_is_wrong_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        load(Outer, {"PUREMUSIC_FLAG": "perhaps", "PUREMUSIC_RATIO": "x"})
    for variable in ("LISTEN", "PASSWORD", "FLAG", "RATIO"):
        assert f"PUREMUSIC_{variable}" in str(caught.value)


def test_a_secret_comes_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("from a file\n", encoding="utf-8")
    config = load(Outer, {"PUREMUSIC_LISTEN": "h:1", "PUREMUSIC_PASSWORD_FILE": str(file)})
    assert config.inner.password.reveal() == "from a file"


def test_a_missing_secret_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="PUREMUSIC_PASSWORD"):
        load(Outer, {"PUREMUSIC_LISTEN": "h:1", "PUREMUSIC_PASSWORD_FILE": str(tmp_path / "absent")})


def test_a_secret_does_not_show_itself() -> None:
    secret = Secret("hush")
    for shown in (str(secret), repr(secret), f"{secret}", f"{secret!r}", repr(load(Outer, GIVEN))):
        assert "hush" not in shown


def test_lists_its_variables() -> None:
    listed = {variable.name: variable for variable in variables(Outer)}
    assert set(listed) == {f"PUREMUSIC_{name}" for name in ("LISTEN", "PASSWORD", "FLAG", "NAMES", "RATIO")}
    assert listed["PUREMUSIC_PASSWORD"].secret
    assert listed["PUREMUSIC_LISTEN"].default is None
    assert listed["PUREMUSIC_NAMES"].default == "a,b"


@pytest.mark.parametrize(("text", "host"), [("localhost:1", "localhost"), ("[::1]:2", "::1")])
def test_addresses_read_and_write(text: str, host: str) -> None:
    address = Address.parse(text)
    assert address.host == host
    assert str(address) == text
