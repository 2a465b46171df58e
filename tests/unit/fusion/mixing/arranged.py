"""Small arrangements to try things on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from services.fusion.mixing.arrangement import Arrangement, Mastering, Piece, Voice
from services.fusion.mixing.performing import perform
from services.fusion.mixing.sources import ArraySource, Pcm, Source

__all__ = ["RATE", "arranged", "noise", "performed", "voice", "whole"]

RATE = 44_100


def noise(frames: int, channels: int = 2, seed: int = 0, level: float = 0.1) -> Pcm:
    return (level * np.random.default_rng(seed).standard_normal((frames, channels))).astype(np.float32)


def whole(frames: int, rate: int = RATE) -> Piece:
    """A source of so many frames, as it is, from the song's beginning on."""
    return Piece(((0, 0.0), (frames, frames / rate)))


def voice(name: str, *pieces: Piece, **settings: Any) -> Voice:
    """A voice of the source of the same name."""
    return Voice(name, name, pieces, **settings)


def arranged(
    stems: Mapping[str, Pcm], *, lufs: float | None = None, **settings: Any
) -> tuple[Arrangement, dict[str, Source]]:
    """All stems from the beginning, each with these settings, and their sources."""
    voices = tuple(replace(voice(name, whole(len(pcm))), **settings) for name, pcm in stems.items())
    frames = max(len(pcm) for pcm in stems.values())
    sources: dict[str, Source] = {name: ArraySource(pcm, RATE) for name, pcm in stems.items()}
    return Arrangement(RATE, frames, voices, Mastering(lufs)), sources


def performed(arrangement: Arrangement, sources: Mapping[str, Source], **options: Any) -> Pcm:
    blocks: list[Pcm] = []
    perform(arrangement, sources, blocks.append, **options)
    return np.concatenate(blocks)
