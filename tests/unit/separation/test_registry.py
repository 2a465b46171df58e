"""The registry: data that a server can read without paying for torch."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from services.separation.engine.errors import UnknownModel
from services.separation.engine.registry import DEFAULT_MODEL, HTDEMUCS, MODELS, card_of


def test_reading_it_imports_no_torch() -> None:
    program = "import sys, services.separation.engine.registry; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_default_model_is_there() -> None:
    assert card_of(DEFAULT_MODEL) is HTDEMUCS


def test_unknown_model_names_those_there_are() -> None:
    with pytest.raises(UnknownModel, match=r"'spleeter'.*htdemucs"):
        card_of("spleeter")


@pytest.mark.parametrize("name", MODELS)
def test_every_model_says_what_users_must_know(name: str) -> None:
    card = MODELS[name]
    assert card.name == name
    assert card.licence
    assert len(set(card.stems)) == len(card.stems) >= 2
    assert re.fullmatch("[0-9a-f]{64}", card.weights_sha256)


def test_present_only_with_a_file(tmp_path: Path) -> None:
    assert not HTDEMUCS.present(tmp_path)
    HTDEMUCS.weights_file(tmp_path).touch()
    assert HTDEMUCS.present(tmp_path)
