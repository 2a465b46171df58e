"""The overlapping windows in which a network hears a track.

The same cut, context and cross-fade as `demucs.apply.apply_model(shifts=0, overlap=0.25)`, so that the stems are
those of the reference; but the stems come out block by block as soon as no later window can change them, and the
caller hears of progress and can stop between any two windows.
"""

from collections.abc import Callable, Iterator
from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

from services.separation.engine.errors import SeparationCancelled
from services.separation.engine.network import Model

Progress = Callable[[int, int], None]
"""Called with (windows done, windows in all) after every window."""

Cancelled = Callable[[], bool]
"""Asked before every window; True stops the separation."""

OVERLAP: Final = 0.25
"""How much of a window the next one hears again."""


def window_offsets(frames: int, window: int) -> range:
    """The frame at which each window begins; every next one a stride of (1 - OVERLAP) windows later."""
    return range(0, frames, int((1 - OVERLAP) * window))


def separated_blocks(model: Model, mix: Tensor, progress: Progress, cancelled: Cancelled) -> Iterator[Tensor]:
    """Separates a whole track window by window.

    Args:
        model: the network.
        mix: float32 (channels, frames) on the CPU, at the model's sample rate, normalised over the track.
        progress: told after every window.
        cancelled: asked before every window.

    Yields:
        float32 (stems, channels, n) on the CPU: the next `n` frames of all stems, in order; together all frames.

    Raises:
        SeparationCancelled: `cancelled` said so.
    """
    channels, frames = mix.shape
    window = model.card.window_frames
    offsets = window_offsets(frames, window)
    fade = _triangle(window)
    # What the windows so far say about the frames from `offset` on, and with how much weight.
    pending = torch.zeros(len(model.card.stems), channels, window)
    weight = torch.zeros(window)
    for index, offset in enumerate(offsets):
        if cancelled():
            raise SeparationCancelled(f"Cancelled after {index} of {len(offsets)} windows.")
        stems = _hear(model, mix, offset)
        heard = stems.shape[-1]
        pending[..., :heard] += fade[:heard] * stems
        weight[:heard] += fade[:heard]
        progress(index + 1, len(offsets))
        ready = min(offsets.step, frames - offset)
        yield pending[..., :ready] / weight[:ready]
        pending = functional.pad(pending[..., offsets.step :], (0, offsets.step))
        weight = functional.pad(weight[offsets.step :], (0, offsets.step))


def _hear(model: Model, mix: Tensor, offset: int) -> Tensor:
    """The stems of the window at `offset`: (stems, channels, n) on the CPU.

    `n` is a window, or what is left of the track.

    A window that reaches over the end of the track is moved back by half of what it lacks: the network then hears
    as much music before the end as it can instead of half a window of nothing. What there is none of is silence.
    """
    window = model.card.window_frames
    frames = mix.shape[-1]
    heard = min(window, frames - offset)
    lead = (window - heard) // 2
    start, end = offset - lead, offset - lead + window
    context = mix[:, max(start, 0) : min(end, frames)]
    padded = functional.pad(context, (max(-start, 0), max(end - frames, 0)))
    stems = model.infer(padded[None])[0]
    return stems[..., lead : lead + heard].cpu()


def _triangle(window: int) -> Tensor:
    """Weights of a window's frames in the cross-fade: rising to 1 in the middle, (window,); never 0."""
    rise = torch.arange(1, window // 2 + 1)
    fall = torch.arange(window - window // 2, 0, -1)
    triangle = torch.cat([rise, fall])
    return triangle / triangle.max()
