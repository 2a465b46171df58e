"""A model is present when all its weights have the right hashes, and that is looked up once per file."""

import hashlib
import os
from dataclasses import replace
from pathlib import Path

import pytest

from chassis.errors import InvalidInput
from services.separation import models as models_module
from services.separation.engine.choice import Quality
from services.separation.engine.errors import UnknownModel
from services.separation.engine.registry import MODELS, NETWORKS, ModelCard, card_of
from services.separation.models import Models

PINNED = replace(NETWORKS["htdemucs"], weights_sha256=hashlib.sha256(b"weights").hexdigest())
CARD = replace(card_of("htdemucs"), networks=((PINNED, (1.0, 1.0, 1.0, 1.0)),))


def install(card: ModelCard, folder: Path, content: bytes = b"weights") -> None:
    """Put files of this content, with their digests, into a weights directory."""
    for network, _ in card.networks:
        network.weights_file(folder).write_bytes(content)
        network.digest_file(folder).write_text(hashlib.sha256(content).hexdigest())


async def test_presence_is_decided_by_the_pinned_hash(tmp_path: Path) -> None:
    models, file = Models(tmp_path, "htdemucs"), PINNED.weights_file(tmp_path)
    assert not await models.present(CARD)
    install(CARD, tmp_path, b"something else, whatever is written beside it")
    assert not await models.present(CARD)
    file.write_bytes(b"weights")
    assert await models.present(CARD)
    file.unlink()
    assert not await models.present(CARD)


async def test_an_unverified_model_is_present_when_its_files_are_as_they_were_fetched(tmp_path: Path) -> None:
    models, card = Models(tmp_path, "htdemucs"), card_of("htdemucs_ft")
    first = card.networks[0][0]
    install(card, tmp_path)
    assert await models.present(card)
    first.weights_file(tmp_path).write_bytes(b"changed")
    assert not await models.present(card)
    first.digest_file(tmp_path).write_text(hashlib.sha256(b"changed").hexdigest())
    assert await models.present(card), "fetched again"
    first.digest_file(tmp_path).unlink()
    assert not await models.present(card)


@pytest.mark.parametrize("missing", range(4))
async def test_every_network_of_a_model_must_be_there(missing: int, tmp_path: Path) -> None:
    card = card_of("mdx_extra")
    install(card, tmp_path)
    card.networks[missing][0].weights_file(tmp_path).unlink()
    assert not await Models(tmp_path, "htdemucs").present(card)


async def test_a_file_is_hashed_once_until_it_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[Path] = []
    matches = models_module._matches

    def counted(file: Path, sha256: str) -> bool:
        hashed.append(file)
        return matches(file, sha256)

    monkeypatch.setattr(models_module, "_matches", counted)
    models, file = Models(tmp_path, "htdemucs"), PINNED.weights_file(tmp_path)
    install(CARD, tmp_path)
    assert [await models.present(CARD) for _ in range(3)] == [True] * 3
    assert len(hashed) == 1
    os.utime(file, ns=(0, 1))
    assert await models.present(CARD)
    assert len(hashed) == 2


async def test_missing_weights_are_announced(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    await Models(tmp_path, "htdemucs").warn_if_absent()
    assert "make weights" in caplog.text


def test_no_name_means_the_default_model(tmp_path: Path) -> None:
    models = Models(tmp_path, "hdemucs_mmi")
    assert models.card("") is models.card("hdemucs_mmi") is card_of("hdemucs_mmi")
    with pytest.raises(InvalidInput) as refused:
        models.card("nothing")
    assert refused.value.reason == "UNKNOWN_MODEL"


def test_all_models_are_listed_the_default_one_first(tmp_path: Path) -> None:
    cards = Models(tmp_path, "htdemucs").cards()
    assert cards[0] is card_of("htdemucs")
    assert sorted(card.name for card in cards) == sorted(MODELS)


def test_a_default_model_that_nobody_knows_is_refused_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(UnknownModel):
        Models(tmp_path, "spleeter")


DEFAULT = "hdemucs_mmi"


@pytest.mark.parametrize(
    ("installed", "qualities"),
    [
        ([], {DEFAULT: ["draft", "standard", "best"]}),
        (["hdemucs_mmi"], {DEFAULT: ["draft", "standard", "best"]}),
        (["hdemucs_mmi", "htdemucs_ft"], {DEFAULT: ["draft", "standard"], "htdemucs_ft": ["best"]}),
        (["htdemucs_ft"], {DEFAULT: ["standard"], "htdemucs_ft": ["draft", "best"]}),
        (["htdemucs_6s", "mdx_extra"], {DEFAULT: ["standard", "best"], "htdemucs_6s": ["draft"]}),
    ],
)
async def test_qualities_choose_among_what_is_installed(
    installed: list[str], qualities: dict[str, list[str]], tmp_path: Path
) -> None:
    models = Models(tmp_path, DEFAULT)
    for name in installed:
        install(card_of(name), tmp_path)
    for card in models.cards():
        assert await models.qualities_of(card) == qualities.get(card.name, [])


async def test_a_quality_chooses_a_model_that_knows_the_stems(tmp_path: Path) -> None:
    models = Models(tmp_path, DEFAULT)
    for name in ("hdemucs_mmi", "htdemucs_6s"):
        install(card_of(name), tmp_path)
    assert (await models.chosen(Quality.DRAFT)).name == "hdemucs_mmi"
    assert (await models.chosen(Quality.DRAFT, ["piano", "vocals"])).name == "htdemucs_6s"
