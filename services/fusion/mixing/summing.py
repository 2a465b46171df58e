"""The bus: parts of any rates and lengths become one stereo sum."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from services.fusion.mixing.panning import place
from services.fusion.mixing.part import BLOCK_FRAMES, InvalidPart, Part, Pcm
from services.fusion.mixing.progress import IsCancelled, Progress, check, never, unheard
from services.fusion.mixing.voice import frames_at, sound

__all__ = ["Sink", "output_frames", "output_rate", "sum_parts"]

Sink = Callable[[Pcm], None]
"""Takes the next block of the sum: float32 (frames, 2)."""

_RATES: Final = (44_100, 48_000)


def output_rate(parts: Sequence[Part]) -> int:
    """The mix's sample rate: 44,100 Hz, or 48,000 Hz as soon as one part has more.

    Every player and every encoder takes both, and neither loses anything that can be heard; parts at either rate that
    are mixed with their like are not resampled.
    """
    return next((rate for rate in _RATES if all(part.sample_rate <= rate for part in parts)), _RATES[-1])


def output_frames(parts: Sequence[Part]) -> int:
    """The mix's length: that of the longest part at the mix's rate. All parts begin together."""
    rate = output_rate(parts)
    return max((frames_at(part, rate) for part in parts), default=0)


def sum_parts(parts: Sequence[Part], sink: Sink, progress: Progress = unheard, cancelled: IsCancelled = never) -> None:
    """Add the parts up, block by block, after their gains and pans, into `sink`: `output_frames` frames in all.

    Added in float64 and handed on in float32, without limit: the level comes later. Memory: a few blocks per part.

    Raises:
        InvalidPart: if there is no part, all are empty, or one delivers other than it declared.
        Cancelled: if `cancelled` answers True.
    """
    frames, rate = output_frames(parts), output_rate(parts)
    if not frames:
        raise InvalidPart("a mix has at least one part that is not empty")
    voices = [(part, sound(part, rate)) for part in parts if not part.muted]
    for start in range(0, frames, BLOCK_FRAMES):
        check(cancelled)
        total = np.zeros((min(BLOCK_FRAMES, frames - start), 2))
        for part, blocks in voices:
            block = next(blocks, None)
            if block is not None:
                total[: len(block)] += place(block, part.gain_db, part.pan)
        sink(total.astype(np.float32))
        progress((start + len(total)) / frames)
    for _, blocks in voices:
        next(blocks, None)  # a part that has more than it declared says so only when it is asked for more
