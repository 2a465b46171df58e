"""Separation, running: one server per module, over servers that the whole session shares."""

from collections.abc import Iterator

import pytest

from deploy.local.backing import Backing
from deploy.local.facts import NatsFacts, PostgresFacts, S3Facts
from services.separation.engine.registry import HTDEMUCS
from tests.integration.separation.running import WEIGHTS, Separation, running
from tests.servers.real_music import MusdbClip, musdb_clip


@pytest.fixture(scope="module")
def separation(backing: Backing, database: PostgresFacts, bus: NatsFacts, objects: S3Facts) -> Iterator[Separation]:
    """The service with its real weights and no worker yet."""
    if not HTDEMUCS.present(WEIGHTS):
        pytest.fail(f"There is no {HTDEMUCS.weights_file(WEIGHTS)}: run `make weights` first.", pytrace=False)
    with running(backing.home, database, bus, objects) as service:
        yield service


@pytest.fixture(scope="module")
def working(separation: Separation) -> Separation:
    """The service with a worker."""
    separation.start("work")
    return separation


@pytest.fixture(scope="session")
def clip() -> MusdbClip:
    """Six seconds of real music."""
    return musdb_clip()
