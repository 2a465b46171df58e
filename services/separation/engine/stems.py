"""A track in, its stems out: any mono or stereo track, at its own rate, channel count and exact length."""

from collections.abc import Iterator
from typing import Final

import numpy as np
import torch
from torch import Tensor

from services.separation.engine.errors import UnsupportedAudio
from services.separation.engine.network import Model
from services.separation.engine.resampling import Pcm, WayBack, resampled
from services.separation.engine.windows import Cancelled, Progress, separated_blocks

LOWEST_RATE: Final = 8_000
HIGHEST_RATE: Final = 192_000
"""The sample rates that can be separated, in Hz."""


def _untold(_done: int, _total: int) -> None:
    """Progress that nobody follows."""


def _never() -> bool:
    """A separation that nobody can cancel."""
    return False


def separate(
    model: Model, pcm: Pcm, sample_rate: int, progress: Progress = _untold, cancelled: Cancelled = _never
) -> dict[str, Pcm]:
    """Separates a track into stems of its own shape.

    The samples are the network's own estimate: they may pass full scale, and are not clipped. Silence gives silence.

    Args:
        model: a loaded model.
        pcm: float32 (frames, channels), 1 or 2 channels, at least one frame, full scale at ±1.
        sample_rate: of the track, in Hz, from LOWEST_RATE to HIGHEST_RATE.
        progress: called with (windows done, windows in all) after every window.
        cancelled: asked before every window; True ends in SeparationCancelled.

    Returns:
        Per stem name, in the model's order, float32 of the shape of `pcm`.

    Raises:
        UnsupportedAudio: another shape, rate or channel count, or samples that are not finite.
        SeparationCancelled: `cancelled` said so.
    """
    blocks = separate_blocks(model, pcm, sample_rate, progress, cancelled)
    stems = {name: np.empty_like(pcm) for name in model.card.stems}
    at = 0
    for block in blocks:
        length = 0
        for name, samples in block.items():
            length = len(samples)
            stems[name][at : at + length] = samples
        at += length
    return stems


def separate_blocks(
    model: Model, pcm: Pcm, sample_rate: int, progress: Progress = _untold, cancelled: Cancelled = _never
) -> Iterator[dict[str, Pcm]]:
    """As `separate`, but hands the stems out as they are finished, so that they need not be held whole.

    Returns:
        An iterator over blocks: per stem name the next frames (n, channels), the same n for every stem. The blocks
        together have exactly the track's frames; a block may be empty.

    Raises:
        UnsupportedAudio: at once.
        SeparationCancelled: from the iterator.
    """
    _refuse_unsupported(pcm, sample_rate)
    if not pcm.any():
        return _silence(model, pcm, progress)
    return _blocks(model, pcm, sample_rate, progress, cancelled)


def _refuse_unsupported(pcm: Pcm, sample_rate: int) -> None:
    if pcm.ndim != 2 or pcm.dtype != np.float32:
        raise UnsupportedAudio(f"Samples must be float32 (frames, channels), not {pcm.dtype} of shape {pcm.shape}.")
    frames, channels = pcm.shape
    if channels not in {1, 2}:
        raise UnsupportedAudio(f"Only mono and stereo tracks can be separated; this one has {channels} channels.")
    if frames == 0:
        raise UnsupportedAudio("The track has no samples.")
    if not LOWEST_RATE <= sample_rate <= HIGHEST_RATE:
        raise UnsupportedAudio(
            f"Sample rates from {LOWEST_RATE} to {HIGHEST_RATE} Hz can be separated; this one is {sample_rate} Hz."
        )
    if not np.isfinite(pcm).all():
        # One such sample would spread over the whole track through the normalisation.
        raise UnsupportedAudio("The track has samples that are not numbers (NaN or infinite).")


def _silence(model: Model, pcm: Pcm, progress: Progress) -> Iterator[dict[str, Pcm]]:
    """Digital silence has nothing to separate, and nobody should wait while a network finds that out."""
    progress(1, 1)
    yield {name: np.zeros_like(pcm) for name in model.card.stems}


def _blocks(
    model: Model, pcm: Pcm, sample_rate: int, progress: Progress, cancelled: Cancelled
) -> Iterator[dict[str, Pcm]]:
    frames, channels = pcm.shape
    rate = model.card.sample_rate
    mix = torch.from_numpy(np.ascontiguousarray(resampled(pcm, sample_rate, rate).T))
    mix = mix.expand(model.card.channels, -1)
    mean, deviation = _level(mix)
    normalised = (mix - mean) / deviation
    ways = {name: WayBack(rate, sample_rate, channels, frames) for name in model.card.stems}
    done = 0
    for separated in separated_blocks(model, normalised, progress, cancelled):
        block = separated * deviation + mean
        if channels == 1:
            block = block.mean(dim=1, keepdim=True)
        done += block.shape[-1]
        last = done == normalised.shape[-1]
        yield {
            name: way.push(np.ascontiguousarray(samples.T), last=last)
            for (name, way), samples in zip(ways.items(), block.numpy(), strict=True)
        }


def _level(mix: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation of the whole track's mono sum, as demucs' own Separator takes them."""
    mono = mix.mean(0)
    if mono.numel() < 2:
        # One sample has no deviation (torch says NaN); it is heard at its own level.
        return torch.zeros(()), mono.abs().max().clamp(min=1e-8)
    return mono.mean(), mono.std() + 1e-8
