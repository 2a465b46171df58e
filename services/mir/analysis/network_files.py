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
CHORDS: Final = NetworkFile("chords.onnx", "6c7cc2c65626ca4d61f826b1cb124d42ed361e93c8549526d8b686858f619560")
