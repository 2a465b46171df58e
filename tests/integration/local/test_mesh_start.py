"""The mesh at its start: what is done once, and what is said when it fails."""

from collections.abc import Iterator

import httpx
import psycopg
import pytest

from deploy.local.description import described
from deploy.local.home import Home, HomeError
from deploy.local.mesh import ProcessSpec
from deploy.local.process import StartError
from tests.integration.local.doubled_mesh import SPECS, mesh
from tests.servers.backing import throw_away_home


@pytest.fixture(scope="module")
def home() -> Iterator[Home]:
    """A home for this module's meshes, one after the other."""
    with throw_away_home() as home:
        yield home


def test_a_home_that_was_never_started_has_nothing_to_describe(home: Home) -> None:
    with pytest.raises(HomeError, match="not been started"):
        described(home)


def test_a_second_start_does_not_migrate_again(home: Home) -> None:
    for _ in range(2):
        with Home(home.root) as used, mesh(used) as running:
            facts = running.backing.postgres
            with psycopg.connect(facts.url("auth"), password=facts.password("auth")) as auth:
                assert auth.execute("SELECT count(*) FROM migrated").fetchone() == (1,)


def test_a_service_that_dies_at_its_start_is_named_with_its_log(home: Home) -> None:
    failure = pytest.raises(StartError, match=r"(?s)fusion-serve ended with 1 .*a setting is missing")
    with Home(home.root) as used, failure, mesh(used, (*SPECS, ProcessSpec("fusion", "serve"))):
        pass


def test_a_worker_that_dies_at_its_start_keeps_nobody_from_being_served(home: Home) -> None:
    with Home(home.root) as used, mesh(used, (*SPECS, ProcessSpec("fusion", "work"))) as running:
        assert httpx.get(f"{running.url}/", trust_env=False).status_code == 200
        with pytest.raises(StartError, match=r"(?s)fusion-work ended with 1 .*a setting is missing"):
            running.wait_workers()


def test_a_bootstrap_that_envoy_rejects_is_told(home: Home) -> None:
    failure = pytest.raises(StartError, match=r"envoy-validate ended with 1")
    with Home(home.root) as used, failure, mesh(used, envoy=lambda _: '{"static": 1}'):
        pass


def test_how_to_reach_everything_is_told_without_secrets(home: Home) -> None:
    with Home(home.root) as used:
        text = described(used)
        secrets = [path.read_text() for path in used.secrets.iterdir()]
    assert "PUREMUSIC_POSTGRES_URL=postgresql://auth@127.0.0.1" in text
    assert not [secret for secret in secrets if secret in text]
