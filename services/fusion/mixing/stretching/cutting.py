"""Endless streams of blocks, cut."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from services.fusion.mixing.progress import IsCancelled, check
from services.fusion.mixing.sources import BLOCK_FRAMES, Pcm

__all__ = ["after", "exactly"]


def after(frames: int, blocks: Iterable[Pcm]) -> Iterator[Pcm]:
    """All but the first `frames` frames; no block is empty."""
    for block in blocks:
        if frames < len(block):
            yield block[frames:]
        frames = max(0, frames - len(block))


def exactly(frames: int, blocks: Iterator[Pcm], cancelled: IsCancelled) -> Iterator[Pcm]:
    """The first `frames` frames, in blocks of at most BLOCK_FRAMES; before each `cancelled` is asked.

    Raises:
        Cancelled: if it answers True.
    """
    while frames:
        block = next(blocks)[:frames]
        frames -= len(block)
        for start in range(0, len(block), BLOCK_FRAMES):
            check(cancelled)
            yield block[start : start + BLOCK_FRAMES]
