"""A source read in order: on and on, or in spans that overlap."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from services.fusion.mixing.sources import BLOCK_FRAMES, Pcm, Source

__all__ = ["Tape", "onwards"]


class Tape:
    """Spans of a source whose starts and ends never fall: each frame is read once. Memory: one span."""

    def __init__(self, source: Source, start: int) -> None:
        """Of a source, from the frame `start` on, which may be negative."""
        self._source = source
        self._held = np.zeros((0, source.channels), np.float32)
        self._end = start

    def span(self, start: int, end: int) -> Pcm:
        """The source's frames [start, end), float32 (end - start, channels); outside it is silence.

        Raises:
            InvalidSource: if the source is not what it declared.
        """
        kept = max(self._end - start, 0)
        fresh = self._source.read(start + kept, end - start - kept)
        self._held = np.concatenate([self._held[len(self._held) - kept :], fresh])
        self._end = end
        return self._held


def onwards(source: Source, start: int) -> Iterator[Pcm]:
    """The source's frames from `start` on, without end: after it comes silence.

    Raises:
        InvalidSource: if the source is not what it declared.
    """
    while True:
        yield source.read(start, BLOCK_FRAMES)
        start += BLOCK_FRAMES
