"""Where in its source a piece is at each moment of the song."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from services.fusion.mixing.arrangement import Piece

__all__ = ["Timeline"]


class Timeline:
    """The straight lines between a piece's anchors; beyond the first and the last they go on as they were."""

    def __init__(self, piece: Piece, rate: int) -> None:
        """Of `piece` in a song at `rate` Hz.

        Raises:
            ValueError: if there are fewer than two anchors, or they don't ascend in both, or aren't finite.
        """
        anchors = np.array(piece.anchors, np.float64).reshape(-1, 2)
        steps = np.diff(anchors, axis=0)
        if len(anchors) < 2 or not np.isfinite(anchors).all() or not (steps > 0).all():
            raise ValueError("a piece has at least two anchors, ascending in the song and in the source")
        self._frames, self._seconds = anchors[:, 0], anchors[:, 1]
        self._slopes = steps[:, 1] / steps[:, 0]
        self._rate = rate
        self.start = piece.start

    def seconds(self, frames: NDArray[np.float64]) -> NDArray[np.float64]:
        """The second of the source at each frame of the song; fractions of frames are allowed."""
        line = np.clip(np.searchsorted(self._frames, frames, side="right") - 1, 0, len(self._slopes) - 1)
        return self._seconds[line] + (frames - self._frames[line]) * self._slopes[line]

    def second(self, frame: float) -> float:
        """The second of the source at one frame of the song."""
        return float(self.seconds(np.array([frame], np.float64))[0])

    def passes_at(self, speed: float, within: float) -> bool:
        """Whether the source passes `speed` times as fast as the song throughout: at no anchor off by `within` seconds."""
        even = self._seconds[0] + (self._frames - self._frames[0]) * speed / self._rate
        return bool((np.abs(self._seconds - even) < within).all())
