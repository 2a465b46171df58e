"""Signalsmith Stretch, fed hop by hop."""

from __future__ import annotations

from types import TracebackType
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from services.fusion.mixing.sources import Pcm
from services.fusion.mixing.stretching.library import load

__all__ = ["Stretcher"]

_BLOCK_SECONDS: Final = 0.11
_HOP_SECONDS: Final = 0.0275


class Stretcher:
    """A phase vocoder that is told for each hop of its output which part of the input it sounds like.

    Signalsmith Stretch (G. Luff, "Four Ways To Write A Pitch-Shifter", ADC 2022) with windows of 110 ms every 27.5 ms: of those
    tried, from 80 to 150 ms, the ones that keep drums closest to their times. The channels stay in phase with each other. Each
    hop is a window of `block` frames; it is added to the output from its hop's first frame on, so the first `block - hop` frames
    that come out are incomplete.
    """

    def __init__(self, channels: int, sample_rate: int) -> None:
        """For `channels` (1 or 2) at the input's sample rate in Hz.

        Raises:
            MissingLibrary: if the compiled library isn't there.
            MemoryError: if there is not enough of it.
        """
        self._library = load()
        self._feed: int | None = None
        self.channels = channels
        self.block: int = round(sample_rate * _BLOCK_SECONDS)
        self.hop: int = max(1, round(sample_rate * _HOP_SECONDS))
        self._feed = self._library.feed_create(channels, self.block, self.hop)
        if not self._feed:
            raise MemoryError("no memory to stretch in")

    def feed(self, heard: Pcm, ends: NDArray[np.int64], speeds: NDArray[np.float64]) -> Pcm:
        """The next `len(ends)` hops: float32 (hops * hop, channels).

        Args:
            heard: float32 (frames, channels) of the input.
            ends: for each hop the frame of `heard` after its window's last one; from `block + hop` to `len(heard)`.
            speeds: for each hop how many times as fast as the output the input passes there.

        Raises:
            ValueError: if a window lies outside `heard`, the channels are others, or it was closed.
        """
        self._check(heard, ends, speeds)
        inputs = np.ascontiguousarray(heard, np.float32)
        places, paces = np.ascontiguousarray(ends, np.int64), np.ascontiguousarray(speeds, np.float64)
        made = np.empty((len(ends) * self.hop, self.channels), np.float32)
        self._library.feed_hops(
            self._feed, inputs.ctypes.data, places.ctypes.data, paces.ctypes.data, len(places), made.ctypes.data
        )
        return made

    def _check(self, heard: Pcm, ends: NDArray[np.int64], speeds: NDArray[np.float64]) -> None:
        """What would lead the library outside its memory."""
        if not self._feed:
            raise ValueError("a closed stretcher can't be fed")
        if heard.ndim != 2 or heard.shape[1] != self.channels or len(speeds) != len(ends):
            raise ValueError(f"{heard.shape} in {self.channels} channels, {len(ends)} ends, {len(speeds)} speeds")
        if len(ends) and not self.block + self.hop <= ends.min() <= ends.max() <= len(heard):
            raise ValueError(f"windows end from {ends.min()} to {ends.max()} in {len(heard)} frames")

    def close(self) -> None:
        """Give its memory back; it can't be fed any more."""
        feed, self._feed = self._feed, None
        if feed:
            self._library.feed_destroy(feed)

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """As `close`."""
        self.close()
