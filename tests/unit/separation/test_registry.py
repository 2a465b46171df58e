"""The registry: data that a server can read without paying for torch, and that agree with what demucs publishes."""

import re
import subprocess
import sys
from collections.abc import Mapping
from importlib import resources
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
import yaml

from services.separation.engine.errors import UnknownModel
from services.separation.engine.registry import DEFAULT_MODEL, MODELS, NETWORKS, card_of, parse

PUBLISHED = resources.files("demucs") / "remote"


def published_checkpoints() -> Mapping[str, str]:
    """The paths of demucs' checkpoints by their signatures."""
    folder, paths = "", {}
    for line in (PUBLISHED / "files.txt").read_text().splitlines():
        if line.startswith("root:"):
            folder = line.removeprefix("root:").strip()
        elif line and not line.startswith("#"):
            paths[line.split("-")[0]] = folder + line
    return paths


@pytest.mark.parametrize("module", ["engine.registry", "engine.choice", "engine.errors", "models", "weights.__main__"])
def test_reading_it_imports_no_torch(module: str) -> None:
    program = f"import sys, services.separation.{module}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_the_default_model_is_one_whose_weights_are_pinned() -> None:
    assert card_of(DEFAULT_MODEL).verified


def test_unknown_model_names_those_there_are() -> None:
    with pytest.raises(UnknownModel, match=r"'spleeter'.*htdemucs"):
        card_of("spleeter")


@pytest.mark.parametrize("name", MODELS)
def test_every_model_says_what_users_must_know(name: str) -> None:
    card = MODELS[name]
    assert card.name == name
    assert card.licence
    assert card.citation
    assert len(set(card.stems)) == len(card.stems) >= 2
    assert card.relative_cost >= 1
    assert card.sdr_db is None or 5 < card.sdr_db < 12


def test_costs_are_in_multiples_of_the_cheapest() -> None:
    assert min(card.relative_cost for card in MODELS.values()) == 1


def test_six_stems_are_those_of_four_and_two_more() -> None:
    assert card_of("htdemucs_6s").stems == (*card_of("htdemucs").stems, "guitar", "piano")


@pytest.mark.parametrize("name", NETWORKS)
def test_weights_are_pinned_in_full_or_said_to_be_unverified(name: str) -> None:
    card = NETWORKS[name]
    if card.verified:
        assert re.fullmatch("[0-9a-f]{64}", str(card.weights_sha256))
        assert card.architecture is not None, "a pinned file need not say what it is built as"
    else:
        assert card.checkpoint in published_checkpoints().values()
    assert [model for model in MODELS.values() if card in dict(model.networks)], "no model uses it"


@pytest.mark.parametrize("name", [name for name, card in MODELS.items() if not card.verified])
def test_models_are_what_demucs_says_they_are(name: str) -> None:
    published: dict[str, Any] = yaml.safe_load((PUBLISHED / f"{name}.yaml").read_text())
    networks = [network for network, _ in MODELS[name].networks]
    signatures = [PurePosixPath(str(network.checkpoint)).name.split("-")[0] for network in networks]
    equal = [[1.0] * len(network.stems) for network in networks]

    assert signatures == published["models"]
    assert [list(row) for _, row in MODELS[name].networks] == published.get("weights", equal)
    assert {network.window_frames for network in networks} == {round(published.get("segment", 7.8) * 44_100)}


@pytest.mark.parametrize("name", ["htdemucs", "htdemucs_ft"])
def test_present_only_with_every_file_and_what_it_should_be(name: str, tmp_path: Path) -> None:
    card = MODELS[name]
    files = [
        file
        for network, _ in card.networks
        for file in (network.weights_file(tmp_path), *([] if network.verified else [network.digest_file(tmp_path)]))
    ]
    for file in files:
        assert not card.present(tmp_path)
        file.write_text("0" * 64)
    assert card.present(tmp_path)


def test_the_digest_is_the_pinned_one_before_any_that_was_written_down(tmp_path: Path) -> None:
    pinned, other = NETWORKS["htdemucs"], NETWORKS["hdemucs_mmi"]
    for card in (pinned, other):
        card.digest_file(tmp_path).write_text("ab\n")
    assert pinned.digest(tmp_path) == pinned.weights_sha256
    assert other.digest(tmp_path) == "ab"


NETWORK = """
[networks.{name}]
stems = {stems}
window_seconds = 1
{more}
"""
MODEL = """
[models.one]
networks = {networks}
licence = "free"
citation = "nobody"
relative_cost = 1
{more}
"""


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (MODEL.format(networks=["a", "b"], more=""), "the same stems"),
        (MODEL.format(networks=["a"], more="weights = [[1]]"), "a weight for each"),
        (MODEL.format(networks=["a"], more="weights = [[1, 1], [1, 1]]"), "shorter|longer"),
        (MODEL.format(networks=["a"], more="weights = [[1, 0]]"), "made by some network"),
        (MODEL.format(networks=["a", "a"], more="weights = [[2, 1], [-1, 1]]"), "at least 0"),
        (MODEL.format(networks=["c"], more=""), "c"),
        (MODEL.format(networks=["a"], more="colour = 'red'"), "colour"),
        (MODEL.format(networks=["a"], more=NETWORK.format(name="d", stems=[], more="colour = 'red'")), "colour"),
        (MODEL.format(networks=["a"], more="").replace("models.one", "models.two"), "one"),
    ],
)
def test_data_that_do_not_fit_together_are_refused(text: str, error: str) -> None:
    networks = NETWORK.format(name="a", stems=["x", "y"], more="") + NETWORK.format(name="b", stems=["x"], more="")
    with pytest.raises((ValueError, KeyError, TypeError), match=error):
        parse(f'default = "one"\n{networks}{text}')
