"""Models for the engine's tests: the real one, and small ones that answer in milliseconds."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from demucs.htdemucs import HTDemucs
from torch import Tensor, nn

from services.separation.engine.network import Model, load_model
from services.separation.engine.registry import HTDEMUCS
from services.separation.engine.resampling import Pcm
from services.separation.engine.stems import separate
from tests.servers.real_music import MusdbClip, musdb_clip

WEIGHTS = Path(__file__).resolve().parents[3] / ".puremusic" / "weights"


class Echo(nn.Module):
    """A network whose every stem is what it hears: whatever differs from the track, the engine did."""

    def forward(self, windows: Tensor) -> Tensor:
        return windows[:, None].repeat(1, len(HTDEMUCS.stems), 1, 1)


@pytest.fixture
def echo() -> Model:
    """The engine around a network that changes nothing, with windows of half a second."""
    card = replace(HTDEMUCS, name="echo", window_seconds=0.5)
    return Model(card=card, network=Echo(), device=torch.device("cpu"))


@pytest.fixture
def tiny(tiny_network: Model) -> Iterator[Model]:
    """The small model, on one thread: its layers are over before a second thread has heard of them."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield tiny_network
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def tiny_network() -> Model:
    """A small HTDemucs of the real class with random weights, with windows of half a second."""
    card = replace(HTDEMUCS, name="tiny", window_seconds=0.5)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        network = HTDemucs(list(card.stems), segment=card.window_seconds, channels=8, nfft=2048, t_layers=2, t_heads=2)
    return Model(card=card, network=network.eval(), device=torch.device("cpu"))


@pytest.fixture(scope="session")
def weights() -> Path:
    """The weights directory of this checkout. Its absence fails a test: nothing is silently skipped."""
    if not HTDEMUCS.present(WEIGHTS):
        pytest.fail(f"There is no {HTDEMUCS.weights_file(WEIGHTS)}: run `make weights` first.", pytrace=False)
    return WEIGHTS


@pytest.fixture(scope="session")
def htdemucs(weights: Path) -> Model:
    """The real model on the CPU."""
    return load_model(weights, "cpu")


@pytest.fixture(scope="session")
def clip() -> MusdbClip:
    """Real music with its true stems."""
    return musdb_clip()


@pytest.fixture(scope="session")
def separated(htdemucs: Model, clip: MusdbClip) -> dict[str, Pcm]:
    """The real model's stems of the clip; computed once, it takes seconds."""
    return separate(htdemucs, clip.mix, clip.sample_rate)
