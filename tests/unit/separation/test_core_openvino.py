"""HTDemucs with its core in OpenVINO: the same stems, converted once, refused and repaired as weights are."""

import copy
import logging
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from demucs.demucs import DConv
from demucs.htdemucs import HTDemucs
from torch import Tensor

from services.separation.engine.errors import WeightsCorrupt
from services.separation.engine.inference import DirectInference
from services.separation.engine.openvino_core import core_folder, load
from services.separation.engine.planar import make_planar
from services.separation.engine.registry import NETWORKS, NetworkCard
from services.separation.engine.residual_branches import PlanarDConv
from services.separation.engine.stems import separate
from services.separation.engine.track import Pcm
from tests.servers.real_music import MusdbClip
from tests.servers.small_weights import small_network, write_weights
from tests.unit.separation.networks import RATE, STEMS, alone

GATE_DB = -75.0

pytestmark = pytest.mark.usefixtures("one_thread")

SHAPES: dict[str, dict[str, Any]] = {
    "as published, small": {"channels": 8, "t_layers": 2, "bottom_channels": 64, "dconv_depth": 2, "dconv_mode": 3},
    "six stems": {"sources": [*STEMS, "guitar", "piano"], "dconv_mode": 3, "t_layers": 1},
    "residual branches in the encoder alone, no attention": {"dconv_mode": 1, "t_layers": 0},
    "layers that are normalised": {
        "dconv_mode": 3,
        "dconv_init": 0.1,
        "norm_starts": 0,
        "norm_groups": 2,
    },
}


@pytest.fixture(scope="session")
def card() -> NetworkCard:
    return NetworkCard("htdemucs_small", STEMS, RATE // 2)


@pytest.fixture(scope="session")
def network(card: NetworkCard) -> Any:
    """What the small weights are: as published, but small."""
    return small_network(card, **SHAPES["as published, small"])


@pytest.fixture(scope="session")
def converted_folder(card: NetworkCard, network: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A weights directory with the small network and its converted core, which takes seconds to make; left as it is."""
    folder = tmp_path_factory.mktemp("weights")
    write_weights(card, network, folder)
    torch.set_num_threads(1)
    np.save(folder / "fresh.npy", load(card, folder).submit(music()).result().numpy())
    return folder


@pytest.fixture
def folder(converted_folder: Path, tmp_path: Path) -> Path:
    """A copy of that directory."""
    return Path(shutil.copytree(converted_folder, tmp_path / "weights"))


@pytest.fixture
def fresh(converted_folder: Path) -> Tensor:
    """The stems of `music()` by the core when it had just been converted, before it was read from its files."""
    return torch.from_numpy(np.load(converted_folder / "fresh.npy"))


@pytest.fixture
def conversions(caplog: pytest.LogCaptureFixture) -> Callable[[], int]:
    """How many cores have been converted so far."""
    caplog.set_level(logging.INFO, logger="services.separation.engine.openvino_core")
    return lambda: sum(record.getMessage() == "core converted" for record in caplog.records)


def music(seed: int = 1, frames: int = RATE // 2) -> Tensor:
    return torch.randn(2, frames, generator=torch.Generator().manual_seed(seed))


def distance_db(found: Tensor, expected: Tensor) -> float:
    """How far below the expected the difference is."""
    return float(10 * torch.log10((found - expected).square().sum() / expected.square().sum()))


def heard(network: HTDemucs, window: Tensor) -> Tensor:
    with torch.inference_mode():
        stems: Tensor = network(window[None])[0]
    return stems


@pytest.mark.parametrize("shape", SHAPES)
def test_in_the_plane_it_is_the_same_network(card: NetworkCard, shape: str) -> None:
    network: Any = small_network(card, **SHAPES[shape])
    planar = copy.deepcopy(network)
    make_planar(planar)
    layers = [module for module in planar.modules() if isinstance(module, PlanarDConv)]
    assert len(layers) == (8 if SHAPES[shape].get("dconv_mode") == 1 else 16), "one for each layer with branches"
    assert distance_db(heard(planar, music()), heard(network, music())) < -100


@pytest.mark.parametrize("others", [{"t_norm_first": False, "t_layers": 1}, {"multi_freqs": [0.5], "t_layers": 0}])
def test_a_network_that_is_not_known_is_left_as_it_is(card: NetworkCard, others: dict[str, Any]) -> None:
    network: Any = small_network(card, **others)
    names = [name for name, _module in network.named_modules()]
    make_planar(network)
    assert [name for name, _module in network.named_modules()] == names


@pytest.mark.parametrize("frames", [31, 336, 20_011])
def test_residual_branches_lose_nothing_in_sums_over_many_frames(frames: int) -> None:
    torch.manual_seed(frames)
    branches: Any = DConv(48, compress=8, depth=2, init=1.0)
    heard = 3 + torch.randn(1, 48, 4, frames)
    with torch.inference_mode():
        found = PlanarDConv(copy.deepcopy(branches))(heard)
        of_each = branches.double()(heard.double()[0].transpose(0, 1))
    assert distance_db(found, of_each.transpose(0, 1)[None]) < -125


def test_stems_are_those_of_the_network(card: NetworkCard, network: Any, folder: Path) -> None:
    inference = load(card, folder)
    for seed in (1, 2):
        assert distance_db(inference.submit(music(seed)).result(), heard(network, music(seed))) < GATE_DB


def test_real_music_sounds_like_the_reference(weights: Path, clip: MusdbClip, separated: dict[str, Pcm]) -> None:
    torch.set_num_threads(2)
    stems = separate(alone(load(NETWORKS["htdemucs"], weights)), clip.mix, clip.sample_rate)
    for name, stem in stems.items():
        assert distance_db(torch.from_numpy(stem), torch.from_numpy(separated[name])) < GATE_DB, name


def test_a_core_is_converted_once_and_gives_the_same_bytes_ever_after(
    card: NetworkCard, folder: Path, fresh: Tensor, conversions: Callable[[], int]
) -> None:
    for _start in range(2):
        inference = load(card, folder)
        assert torch.equal(inference.submit(music()).result(), fresh)
        assert torch.equal(inference.submit(music()).result(), fresh)
    assert conversions() == 0, "since the first"


def test_a_damaged_core_is_converted_again(
    card: NetworkCard, folder: Path, fresh: Tensor, conversions: Callable[[], int]
) -> None:
    file = core_folder(card, folder) / "core.bin"
    file.write_bytes(file.read_bytes()[:-9] + bytes(9))
    for _start in range(2):
        assert torch.equal(load(card, folder).submit(music()).result(), fresh)
    assert conversions() == 1


def test_a_core_is_not_taken_for_that_of_other_weights(card: NetworkCard, folder: Path) -> None:
    before = core_folder(card, folder)
    write_weights(card, small_network(card), folder)
    assert before.is_dir()
    assert not core_folder(card, folder).exists()


def test_corrupt_weights_are_refused_though_their_core_is_there(card: NetworkCard, folder: Path) -> None:
    weights = card.weights_file(folder)
    weights.write_bytes(weights.read_bytes()[:-1])
    with pytest.raises(WeightsCorrupt, match=card.name):
        load(card, folder)


def test_a_core_that_cannot_be_kept_works_all_the_same(
    card: NetworkCard, folder: Path, fresh: Tensor, caplog: pytest.LogCaptureFixture
) -> None:
    shutil.rmtree(core_folder(card, folder))
    core_folder(card, folder).write_text("in the way")
    assert distance_db(load(card, folder).submit(music()).result(), fresh) < -100
    assert "could not be kept" in caplog.text


def test_other_networks_stay_in_pytorch(tmp_path: Path) -> None:
    card = NetworkCard("hdemucs_small", STEMS, RATE // 2)
    write_weights(card, small_network(card), tmp_path)
    assert isinstance(load(card, tmp_path), DirectInference)


def test_threads_do_not_mix_up_their_windows(card: NetworkCard, folder: Path) -> None:
    inference = load(card, folder)
    expected = [inference.submit(music(seed)).result() for seed in range(6)]
    with ThreadPoolExecutor(3) as pool:
        found = list(pool.map(lambda seed: inference.submit(music(seed)).result(), range(6)))
    assert all(torch.equal(each, other) for each, other in zip(found, expected, strict=True))


def test_a_window_of_another_length_is_an_error_of_that_window_alone(card: NetworkCard, folder: Path) -> None:
    inference = load(card, folder)
    assert inference.submit(music(frames=RATE)).exception() is not None
    assert inference.submit(music()).exception() is None
