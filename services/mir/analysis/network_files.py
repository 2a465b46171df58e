"""Which files the networks are: names and digests, shared by who makes them and who loads them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["BEATS", "CHORDS", "NetworkFile"]


@dataclass(frozen=True, slots=True)
class NetworkFile:
    """A network's file and the SHA-256 of its bytes."""

    name: str
    sha256: str


BEATS: Final = NetworkFile("beats.onnx", "e0c04ca9b54ac432249aa6f2615d5ed292ae74ec920db73a3a6af619696b2898")
CHORDS: Final = NetworkFile("chords.onnx", "d48a51de87556e4403b378954f8096fc5fcf2d1b047d7920294948e9a65f7fbd")
