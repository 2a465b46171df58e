"""The whole mesh for tests: every service, worker and backing server, started once per session behind a real Envoy."""

import functools
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from deploy.local import environment
from deploy.local.door import mesh_bootstrap
from deploy.local.mesh import PROCESSES, ProcessSpec
from deploy.local.stack import Mesh
from services.gateway.envoy import Rate
from tests.servers.backing import throw_away_home

__all__ = ["NUMBA_CACHE", "grant", "mesh", "running_mesh", "stop_mesh"]

ROOT = Path(__file__).resolve().parents[2]
WEIGHTS = ROOT / ".puremusic" / "weights"

_QUICK: Mapping[str, str] = {
    # Short enough that a test can wait for a lost worker's lease, long enough for a busy machine.
    "PUREMUSIC_JOB_LEASE_SECONDS": "6",
    "PUREMUSIC_JOB_SWEEP_SECONDS": "1",
    # Songs of a few windows are heard early, too.
    "PUREMUSIC_SEPARATION_SEGMENT_SECONDS": "0.1",
    # A library of a thousand songs can be tried.
    "PUREMUSIC_INGEST_TRACKS_PER_USER": "1100",
}

# All tests sign in from one address.
_BOOTSTRAP = functools.partial(mesh_bootstrap, sign_in_rate=Rate(1000, 60))

_session = ExitStack()


# numba compiles for half a minute where its cache is empty: this one outlives the session. One mesh runs at a time.
NUMBA_CACHE: Mapping[str, str] = {"NUMBA_CACHE_DIR": str(ROOT / ".cache" / "mesh-numba")}


def _quick(spec: ProcessSpec) -> ProcessSpec:
    caches = NUMBA_CACHE if "NUMBA_CACHE_DIR" in spec.settings else {}
    return replace(spec, settings={**spec.settings, **_QUICK, **caches})


@functools.cache
def running_mesh() -> Mesh:
    """Start the mesh, once for the session, however many conftests import the fixture."""
    assert WEIGHTS.is_dir(), f"{WEIGHTS} is missing: run `make weights` first"
    home = _session.enter_context(throw_away_home())
    (home.root / "weights").symlink_to(WEIGHTS)
    _session.enter_context(home)
    processes = [_quick(spec) for spec in PROCESSES]
    return _session.enter_context(Mesh(home, _BOOTSTRAP, prefer_usual_ports=False, processes=processes))


def stop_mesh() -> None:
    """Stop the mesh and remove its home."""
    _session.close()


@pytest.fixture(scope="session")
def mesh() -> Iterator[Mesh]:
    """The running mesh: `.url` is where clients find it, `.home` where its data lies."""
    yield running_mesh()
    stop_mesh()


def grant(mesh: Mesh, email: str, role: str) -> None:
    """Make somebody an operator, as the person at the machine does."""
    spec = next(spec for spec in PROCESSES if spec.name == "auth-serve")
    subprocess.run(
        [sys.executable, "-m", "services.auth", "grant", email, role],
        env=environment.for_service(mesh.surroundings.settings(spec)),
        cwd=ROOT,
        check=True,
        timeout=60,
    )
