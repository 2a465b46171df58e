"""Separation, running: one server per module, over servers that the whole session shares."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from deploy.local.backing import Backing
from deploy.local.facts import NatsFacts, PostgresFacts, S3Facts
from services.separation.engine.registry import NETWORKS
from tests.integration.separation.ledger import Ledger, database_of, store_of
from tests.integration.separation.running import WEIGHTS, Separation, running
from tests.servers.real_music import MusdbClip, musdb_clip
from tests.servers.small_weights import small_model


@pytest.fixture(scope="module")
def separation(backing: Backing, database: PostgresFacts, bus: NatsFacts, objects: S3Facts) -> Iterator[Separation]:
    """The service with its real weights and no worker yet."""
    card = NETWORKS["htdemucs"]
    if not card.present(WEIGHTS):
        pytest.fail(f"There is no {card.weights_file(WEIGHTS)}: run `make weights` first.", pytrace=False)
    with running(backing.home, database, bus, objects) as service:
        yield service


@pytest.fixture(scope="module")
def working(separation: Separation) -> Separation:
    """The service with a worker."""
    separation.start("work")
    return separation


@pytest.fixture(scope="session")
def small_weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights of small random networks under the names of two real models."""
    directory = tmp_path_factory.mktemp("small-weights")
    for model in ("htdemucs_6s", "hdemucs_mmi"):
        small_model(model, directory)
    return directory


@pytest.fixture(scope="module")
def light(
    backing: Backing, database: PostgresFacts, bus: NatsFacts, objects: S3Facts, small_weights: Path
) -> Iterator[Separation]:
    """The service with small random networks, htdemucs_6s by default, and no worker yet."""
    settings = {"PUREMUSIC_SEPARATION_DEFAULT_MODEL": "htdemucs_6s", "PUREMUSIC_JOBS_PER_USER": "100"}
    with running(backing.home, database, bus, objects, small_weights, settings) as service:
        yield service


@pytest.fixture
async def ledger(light: Separation) -> AsyncIterator[Ledger]:
    """The rows and objects of the service with small networks: what its workers write."""
    opened = Ledger(database_of(light.surroundings.postgres), store_of(light.surroundings.s3))
    yield opened
    await opened.database.close()


@pytest.fixture(scope="session")
def clip() -> MusdbClip:
    """Six seconds of real music."""
    return musdb_clip()
