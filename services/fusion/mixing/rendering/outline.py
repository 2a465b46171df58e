"""What is seen of a song from afar: how loud and how bright it is, moment by moment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.fusion.mixing.sources import Pcm

__all__ = ["Outline", "outline"]


@dataclass(frozen=True)
class Outline:
    """A song in equally long moments: `level`, root mean square, and `brightness` from 0 (bass) to 1 (hiss).

    Both are float64 (moments,).
    """

    level: NDArray[np.float64]
    brightness: NDArray[np.float64]


def outline(blocks: Iterable[Pcm], frames: int, moments: int = 180) -> Outline:
    """Look at the blocks of a song of `frames` frames.

    Brightness is the power of the signal's slope by its own: 0 for a constant, 1 where every sample is the last one's negative.
    """
    power, slope = np.zeros(moments), np.zeros(moments)
    begun, last = 0, None
    for block in blocks:
        mono = block.mean(axis=1, dtype=np.float64)
        moment = (begun + np.arange(len(mono))) * moments // max(1, frames)
        power += np.bincount(moment, np.square(mono), moments)[:moments]
        slope += np.bincount(moment, np.square(np.diff(mono, prepend=mono[:1] if last is None else last)), moments)[
            :moments
        ]
        begun, last = begun + len(mono), mono[-1:]
    level = np.sqrt(power * moments / max(1, frames))
    brightness = np.sqrt(slope / np.maximum(power, 1e-12)) / 2
    return Outline(level, np.minimum(1.0, brightness))
