"""What the engine's tests share: real music, the real network, and the stems it makes."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from services.separation.engine.inference import DirectInference
from services.separation.engine.network import load_network
from services.separation.engine.registry import NETWORKS
from services.separation.engine.stems import separate
from services.separation.engine.track import Pcm
from tests.servers.real_music import MusdbClip, musdb_clip
from tests.unit.separation.networks import Echo, alone, small_htdemucs

WEIGHTS = Path(__file__).resolve().parents[3] / ".puremusic" / "weights"


@pytest.fixture
def echo() -> Echo:
    """A network that changes nothing, with windows of half a second."""
    return Echo()


@pytest.fixture(scope="session")
def tiny_network() -> DirectInference:
    """A small HTDemucs with random weights, with windows of half a second."""
    return small_htdemucs()


@pytest.fixture
def tiny(tiny_network: DirectInference, one_thread: None) -> DirectInference:
    """The small network, on one thread."""
    return tiny_network


@pytest.fixture
def one_thread() -> Iterator[None]:
    """Torch on one thread: a small network's layers are over before a second thread has heard of them."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def weights() -> Path:
    """The weights directory of this checkout. Its absence fails a test: nothing is silently skipped."""
    card = NETWORKS["htdemucs"]
    if not card.present(WEIGHTS):
        pytest.fail(f"There is no {card.weights_file(WEIGHTS)}: run `make weights` first.", pytrace=False)
    return WEIGHTS


@pytest.fixture(scope="session")
def htdemucs(weights: Path) -> DirectInference:
    """The real network on the CPU."""
    cpu = torch.device("cpu")
    return DirectInference(NETWORKS["htdemucs"], load_network(NETWORKS["htdemucs"], weights, cpu), cpu)


@pytest.fixture(scope="session")
def clip() -> MusdbClip:
    """Real music with its true stems."""
    return musdb_clip()


@pytest.fixture(scope="session")
def separated(htdemucs: DirectInference, clip: MusdbClip) -> dict[str, Pcm]:
    """The real network's stems of the clip; computed once, it takes seconds."""
    return separate(alone(htdemucs), clip.mix, clip.sample_rate)
