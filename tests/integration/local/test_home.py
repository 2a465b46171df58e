"""A home keeps secrets, remembers, and belongs to one supervisor at a time."""

import stat
from collections.abc import Iterator

import pytest

from deploy.local.home import Home, HomeError
from tests.servers.backing import throw_away_home


@pytest.fixture
def home() -> Iterator[Home]:
    """A home that nobody uses."""
    with throw_away_home() as home:
        yield home


def test_a_home_in_use_is_refused(home: Home) -> None:
    with home, pytest.raises(HomeError, match="in use"), Home(home.root):
        pass


def test_a_home_can_be_used_again(home: Home) -> None:
    for _ in range(2):
        with Home(home.root):
            pass


def test_a_secret_is_made_once_and_closed_to_others(home: Home) -> None:
    with home:
        first = home.secret("postgres-auth")
    with Home(home.root) as later:
        assert later.secret("postgres-auth").value == first.value
    assert stat.S_IMODE(first.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(first.path.parent.stat().st_mode) == 0o700
    assert first.value not in repr(first)
    assert len(first.value) >= 32


def test_the_state_is_remembered(home: Home) -> None:
    with home:
        home.state.ports["public"] = 8080
        home.state.migrated["auth"] = "abc"
        home.save()
    with Home(home.root) as later:
        assert later.state == home.state


def test_a_broken_state_is_named(home: Home) -> None:
    (home.root / "state.json").write_text("{")
    with pytest.raises(HomeError, match=r"state\.json cannot be read"), home:
        pass
    with pytest.raises(HomeError, match=r"state\.json cannot be read"), Home(home.root):
        pass
