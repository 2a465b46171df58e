"""What renders here, by version."""

from __future__ import annotations

from importlib import metadata
from typing import Final

import soundfile

__all__ = ["versions"]

_PACKAGES: Final = ("numpy", "pillow", "puremusic", "scipy", "soundfile", "soxr")


def versions() -> dict[str, str]:
    """Everything whose version can change a sample or a byte."""
    return {name: metadata.version(name) for name in _PACKAGES} | {"libsndfile": soundfile.__libsndfile_version__}
