"""A folder for masters, as the worker would give one to the decoder."""

from pathlib import Path

import pytest


@pytest.fixture
def into(tmp_path: Path) -> Path:
    """An empty folder that the decoder may write to."""
    folder = tmp_path / "into"
    folder.mkdir()
    return folder
