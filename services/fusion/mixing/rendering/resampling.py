"""A stream of blocks at another sample rate."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import soxr

from services.fusion.mixing.sources import Pcm

__all__ = ["resampled", "resampled_frames"]


def resampled_frames(frames: int, rate: int, other: int) -> int:
    """How many frames at `other` Hz last as long as `frames` at `rate` Hz, to the nearest."""
    return (frames * other + rate // 2) // rate


def resampled(blocks: Iterable[Pcm], frames: int, rate: int, other: int) -> Iterator[Pcm]:
    """The `frames` frames of stereo blocks at `other` Hz, `resampled_frames` of them (soxr, very high quality)."""
    if rate == other:
        yield from blocks
        return
    left = resampled_frames(frames, rate, other)
    stream = soxr.ResampleStream(rate, other, 2, dtype="float32", quality="VHQ")
    for block in blocks:
        heard: Pcm = stream.resample_chunk(block)[:left]
        left -= len(heard)
        yield heard
    rest: Pcm = stream.resample_chunk(np.zeros((0, 2), np.float32), last=True)[:left]
    yield np.concatenate([rest, np.zeros((left - len(rest), 2), np.float32)])
