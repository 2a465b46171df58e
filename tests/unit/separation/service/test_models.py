"""A model counts as present when its weights have the right hash, and that is looked up once per file."""

import hashlib
import os
from dataclasses import replace
from pathlib import Path

import pytest

from chassis.errors import InvalidInput
from services.separation import models as models_module
from services.separation.engine.errors import UnknownModel
from services.separation.engine.registry import HTDEMUCS
from services.separation.models import Models

CARD = replace(HTDEMUCS, weights_sha256=hashlib.sha256(b"weights").hexdigest())


async def test_presence_is_decided_by_the_hash(tmp_path: Path) -> None:
    models, file = Models(tmp_path, "htdemucs"), CARD.weights_file(tmp_path)
    assert not await models.present(CARD)
    file.write_bytes(b"something else")
    assert not await models.present(CARD)
    file.write_bytes(b"weights")
    assert await models.present(CARD)
    file.unlink()
    assert not await models.present(CARD)


async def test_a_file_is_hashed_once_until_it_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[Path] = []
    matches = models_module._matches

    def counted(file: Path, sha256: str) -> bool:
        hashed.append(file)
        return matches(file, sha256)

    monkeypatch.setattr(models_module, "_matches", counted)
    models, file = Models(tmp_path, "htdemucs"), CARD.weights_file(tmp_path)
    file.write_bytes(b"weights")
    assert [await models.present(CARD) for _ in range(3)] == [True] * 3
    assert len(hashed) == 1
    os.utime(file, ns=(0, 1))
    assert await models.present(CARD)
    assert len(hashed) == 2


async def test_missing_weights_are_announced(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    await Models(tmp_path, "htdemucs").warn_if_absent()
    assert "make weights" in caplog.text


def test_no_name_means_the_default_model(tmp_path: Path) -> None:
    models = Models(tmp_path, "htdemucs")
    assert models.card("") is models.card("htdemucs") is HTDEMUCS
    assert models.cards() == [HTDEMUCS]
    with pytest.raises(InvalidInput) as refused:
        models.card("nothing")
    assert refused.value.reason == "UNKNOWN_MODEL"


def test_a_default_model_that_nobody_knows_is_refused_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(UnknownModel):
        Models(tmp_path, "spleeter")
