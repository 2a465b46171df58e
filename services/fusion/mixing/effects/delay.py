"""Echoes: what was heard comes back after a while, and again, each time softer."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.fusion.mixing.arrangement import Delay

__all__ = ["Echoes", "echo_seconds", "shares"]

_INAUDIBLE_DB: Final = 90.0


class Echoes:
    """A delay line with feedback, block by block; every echo is a whole number of frames late."""

    def __init__(self, delay: Delay, sample_rate: int, channels: int) -> None:
        """Of `channels` channels at `sample_rate` Hz."""
        frames = max(1, round(delay.seconds * sample_rate))
        self._line = np.zeros((frames, channels))  # what enters the line, a ring; the oldest frame at `_at`
        self._at = 0
        self._feedback = delay.feedback
        self._dry, self._wet = shares(delay.mix)

    def process(self, block: NDArray[np.float64]) -> NDArray[np.float64]:
        """The next block (frames, channels) with its echoes."""
        heard = np.empty_like(block)
        done = 0
        while done < len(block):
            size = min(len(block) - done, len(self._line) - self._at)
            here, slot = slice(done, done + size), slice(self._at, self._at + size)
            echo = self._line[slot].copy()
            self._line[slot] = block[here] + self._feedback * echo
            heard[here] = self._dry * block[here] + self._wet * echo
            self._at = (self._at + size) % len(self._line)
            done += size
        return heard


def shares(mix: float) -> tuple[float, float]:
    """Linear gains of what was there and of what an effect adds, at equal power: `mix` from 0 to 1."""
    return math.cos(mix * math.pi / 2), math.sin(mix * math.pi / 2)


def echo_seconds(delay: Delay, faded_db: float = _INAUDIBLE_DB) -> float:
    """How long echoes can be heard after their sound: until they have fallen by so many dB."""
    if not delay.feedback:
        return delay.seconds
    return delay.seconds * (1 + faded_db / (-20 * math.log10(delay.feedback)))
