"""A part on its way into the mix: read, checked, and brought to the mix's sample rate."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import soxr

from services.fusion.mixing.part import BLOCK_FRAMES, InvalidPart, Part, Pcm

__all__ = ["frames_at", "sound"]


def frames_at(part: Part, rate: int) -> int:
    """The part's length at another sample rate, in frames, rounded half up."""
    return (2 * part.frames * rate + part.sample_rate) // (2 * part.sample_rate)


def sound(part: Part, rate: int) -> Iterator[Pcm]:
    """The part's samples at `rate` Hz, (BLOCK_FRAMES, its channels) at a time, `frames_at(part, rate)` in all.

    Raises:
        InvalidPart: while reading, if the part delivers other than it declared, or samples that are not finite.
    """
    blocks: Iterator[Pcm] = _checked(part)
    if part.sample_rate != rate:
        blocks = _exactly(_resampled(blocks, part, rate), frames_at(part, rate), part.channels)
    return _even(blocks)


def _checked(part: Part) -> Iterator[Pcm]:
    """The part's own blocks, as long as they are what was declared."""
    frames = 0
    for block in part.read():
        if block.ndim != 2 or block.shape[1] != part.channels:
            raise InvalidPart(f"{part.name}: a block of shape {block.shape} in {part.channels} channels")
        if not np.isfinite(block).all():
            raise InvalidPart(f"{part.name}: samples that are not finite numbers")
        frames += len(block)
        if frames > part.frames:
            raise InvalidPart(f"{part.name}: more than the declared {part.frames} frames")
        yield block
    if frames < part.frames:
        raise InvalidPart(f"{part.name}: ended after {frames} of {part.frames} frames")


def _resampled(blocks: Iterable[Pcm], part: Part, rate: int) -> Iterator[Pcm]:
    stream = soxr.ResampleStream(part.sample_rate, rate, part.channels, dtype="float32", quality="VHQ")
    for block in blocks:
        yield stream.resample_chunk(np.ascontiguousarray(block, np.float32))
    yield stream.resample_chunk(np.zeros((0, part.channels), np.float32), last=True)


def _exactly(blocks: Iterable[Pcm], frames: int, channels: int) -> Iterator[Pcm]:
    """`frames` frames: the resampler rounds the length its own way, by a frame at most."""
    missing = frames
    for block in blocks:
        yield block[:missing]
        missing -= len(block[:missing])
    yield np.zeros((missing, channels), np.float32)


def _even(blocks: Iterable[Pcm]) -> Iterator[Pcm]:
    """The same frames in blocks of BLOCK_FRAMES; the last one may be shorter."""
    pending: list[Pcm] = []
    held = 0
    for block in blocks:
        pending.append(block)
        held += len(block)
        if held >= BLOCK_FRAMES:
            joined = np.concatenate(pending)
            whole = held - held % BLOCK_FRAMES
            for start in range(0, whole, BLOCK_FRAMES):
                yield joined[start : start + BLOCK_FRAMES]
            pending, held = [joined[whole:]], held - whole
    if held:
        yield np.concatenate(pending)
