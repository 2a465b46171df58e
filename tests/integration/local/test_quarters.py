"""Root's cluster lies where Postgres, who is not root, can reach it."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from deploy.local.backing import Backing
from deploy.local.home import Home
from deploy.local.quarters import reachable_by_others, reachable_programs
from tests.servers.backing import throw_away_home


@pytest.fixture
def closed_home(tmp_path: Path) -> Iterator[Home]:
    """A home below a directory that is closed to others, as /root is."""
    tmp_path.chmod(0o700)
    with throw_away_home(tmp_path) as home:
        yield home


@pytest.fixture
def shelter() -> Iterator[Path]:
    """A directory that everybody may reach."""
    with tempfile.TemporaryDirectory(prefix="puremusic-") as place:
        yield Path(place)


def test_a_home_that_others_cannot_reach_keeps_its_cluster(closed_home: Home) -> None:
    for count in (1, 2):
        with Home(closed_home.root) as home, Backing(home, prefer={}) as backing:
            # A plain user's Postgres is that user, and lives in the home as everything else.
            assert (home.root / "postgres").is_symlink() == (os.geteuid() == 0)
            with psycopg.connect(backing.postgres.url_with_password("auth")) as auth:
                auth.execute("CREATE TABLE IF NOT EXISTS starts (id int)")
                auth.execute("INSERT INTO starts VALUES (1)")
                assert auth.execute("SELECT count(*) FROM starts").fetchone() == (count,)


def test_an_installation_that_others_cannot_reach_is_copied(tmp_path: Path, shelter: Path) -> None:
    closed = tmp_path / "pginstall"
    for part in ("bin", "lib", "share", "include"):
        (closed / part).mkdir(parents=True)
    (closed / "bin" / "postgres").write_text("a program")
    (closed / "bin" / "postgres").chmod(0o700)
    (closed / "share" / "postgres.bki").write_text("a file")
    tmp_path.chmod(0o700)
    for _ in range(2):
        programs = reachable_programs(closed, shelter)
        assert (programs / "postgres").read_text() == "a program"
        assert reachable_by_others(programs / "postgres")
        assert (programs.parent / "share" / "postgres.bki").stat().st_mode & 0o777 == 0o644
        assert not (programs.parent / "include").exists()


def test_an_installation_in_reach_is_used_where_it_is(shelter: Path) -> None:
    shelter.chmod(0o755)
    for part in ("bin", "lib", "share"):
        (shelter / part).mkdir()
    (shelter / "bin" / "postgres").write_text("a program")
    (shelter / "bin" / "postgres").chmod(0o755)
    assert reachable_programs(shelter, shelter) == shelter / "bin"
