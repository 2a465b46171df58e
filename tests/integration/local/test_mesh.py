"""The mesh, running: what is served, who is told what, who comes back."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from deploy.local.stack import Mesh
from deploy.local.waiting import until
from tests.integration.local.doubled_mesh import mesh
from tests.servers.backing import throw_away_home


@pytest.fixture(scope="module")
def running() -> Iterator[Mesh]:
    """A mesh that runs while the module is tested."""
    with throw_away_home() as home, home, mesh(home) as running:
        running.wait_workers()
        yield running


def told(mesh: Mesh, process: str) -> dict[str, str]:
    port = mesh.surroundings.ports[f"{process}.http"]
    answer: dict[str, str] = httpx.get(f"http://127.0.0.1:{port}/", trust_env=False).json()["told"]
    return answer


def test_the_public_url_is_served_by_envoy(running: Mesh) -> None:
    answer = httpx.get(f"{running.url}/", trust_env=False)
    assert answer.status_code == 200
    assert answer.headers["server"] == "envoy"


def test_every_process_is_told_what_the_conventions_list(running: Mesh) -> None:
    settings = told(running, "mir-work")
    postgres = running.backing.postgres
    assert settings["PUREMUSIC_POSTGRES_URL"] == postgres.url("mir")
    assert Path(settings["PUREMUSIC_POSTGRES_PASSWORD_FILE"]).read_text() == postgres.password("mir")
    assert settings["PUREMUSIC_NATS_USER"] == "mir"
    assert settings["PUREMUSIC_S3_PUBLIC_ENDPOINT"] == settings["PUREMUSIC_PUBLIC_URL"] == running.url
    assert settings["PUREMUSIC_AUTH_ADDRESS"] == f"127.0.0.1:{running.surroundings.ports['auth-serve.grpc']}"
    assert settings["PUREMUSIC_JWKS_URL"].endswith("/.well-known/jwks.json")
    assert settings["NUMBA_CACHE_DIR"].startswith(str(running.home.cache))
    assert "PUREMUSIC_LISTEN" not in settings


def test_auth_gets_its_sealing_key_and_no_keys_to_the_objects(running: Mesh) -> None:
    settings = told(running, "auth-serve")
    assert Path(settings["PUREMUSIC_SEALING_KEY_FILE"]).stat().st_size == 44
    assert "PUREMUSIC_LISTEN" in settings
    assert not {name for name in settings if "_S3_" in name}


def test_no_secret_stands_in_an_environment_or_a_command_line(running: Mesh) -> None:
    secrets = [path.read_text() for path in running.home.secrets.iterdir() if not path.name.startswith("weed")]
    for process in running.supervisor.processes:
        shown = [Path(f"/proc/{process.pid}/{part}").read_bytes().decode() for part in ("environ", "cmdline")]
        assert not [secret for secret in secrets if secret in "".join(shown)], process.command.name


def test_a_killed_process_is_started_again(running: Mesh) -> None:
    process = running.supervisor.process("mir-work")
    before = process.pid
    assert before is not None
    os.kill(before, signal.SIGKILL)
    port = running.surroundings.ports["mir-work.http"]

    def is_back() -> bool:
        try:
            return bool(httpx.get(f"http://127.0.0.1:{port}/", trust_env=False).json()["pid"] != before)
        except httpx.HTTPError:
            return False

    assert until(is_back, 30)


def test_start_seconds_and_memory_are_known(running: Mesh) -> None:
    assert {"postgres", "nats", "s3", "envoy", "auth-serve", "mir-work"} <= set(running.start_seconds)
    assert running.peak_memory_bytes["auth-serve"] > 1_000_000
