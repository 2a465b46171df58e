"""A model as demucs publishes it, by demucs' own loader and separation, and by the weights step and the engine."""

import io
import shutil
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from demucs import apply, pretrained
from rich.console import Console

from services.separation.engine.choice import parts_of
from services.separation.engine.inference import DirectInference
from services.separation.engine.network import load_network
from services.separation.engine.registry import card_of
from services.separation.engine.stems import separate
from services.separation.weights.obtain import obtain
from tests.servers.small_weights import publish_checkpoint


@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize(("name", "stems"), [("mdx_extra", ["vocals", "drums"]), ("hdemucs_mmi", ["bass"])])
def test_stems_are_those_of_demucs(name: str, stems: list[str], tmp_path: Path) -> None:
    site, weights = tmp_path / "site", tmp_path / "weights"
    site.mkdir()
    card = card_of(name)
    published = tuple((publish_checkpoint(network, site), row) for network, row in card.networks)
    shutil.copy(str(resources.files("demucs") / "remote" / f"{name}.yaml"), site)
    for network, _ in published:
        obtain(network, weights, str(site), Console(file=io.StringIO()))

    noise = np.random.default_rng(1).uniform(-0.5, 0.5, (30_000, 2)).astype(np.float32)
    parts = parts_of(dict.fromkeys(stems, replace(card, networks=published)))
    cpu = torch.device("cpu")
    ensemble = [
        (DirectInference(part.network, load_network(part.network, weights), cpu), part.weights) for part in parts
    ]
    found = separate(ensemble, noise, 44_100)

    reference: Any = pretrained.get_model(name, repo=site)
    mix = torch.from_numpy(noise.T.copy())
    mono = mix.mean(0)
    mean, deviation = mono.mean(), mono.std() + 1e-8
    expected = apply.apply_model(reference, ((mix - mean) / deviation)[None], shifts=0, overlap=0.25)[0] * deviation
    assert sorted(found) == sorted(stems)
    for stem in stems:
        np.testing.assert_allclose(found[stem].T, expected[reference.sources.index(stem)].numpy(), atol=1e-5)
