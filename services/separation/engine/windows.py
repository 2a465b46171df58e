"""The overlapping windows in which a network hears a track.

The same cut, context and cross-fade as `demucs.apply.apply_model(shifts=0, overlap=0.25)`, so that the stems are
those of the reference; but the track is read as it is needed, and the stems come out block by block as soon as no
later window can change them. They may be asked for from any frame on: the same frames, bit for bit.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

from services.separation.engine.errors import SeparationCancelled
from services.separation.engine.inference import Inference
from services.separation.engine.track import Cancelled, never

OVERLAP: Final = 0.25
"""How much of a window the next one hears again."""


@dataclass(frozen=True)
class Mix:
    """What a network hears: normalised music that can be read anywhere.

    Attributes:
        frames: its length, at the network's rate.
        read: (start, stop) -> float32 (channels, stop - start) on the CPU, for 0 <= start <= stop <= frames.
    """

    frames: int
    read: Callable[[int, int], Tensor]


@dataclass(frozen=True, slots=True)
class Window:
    """Where a window lies.

    Attributes:
        offset: the first frame of its own.
        heard: how many frames are its own: a whole window, or what is left of the track.
        lead: how many frames of context the network gets before `offset`.
        length: how many frames the network gets in all.
    """

    offset: int
    heard: int
    lead: int
    length: int


def stride_of(window: int) -> int:
    """How many frames later the next window begins."""
    return int((1 - OVERLAP) * window)


def separated_blocks(
    inference: Inference, mix: Mix, *, start: int = 0, rows: Sequence[int] | None = None, cancelled: Cancelled = never
) -> Generator[Tensor]:
    """Separates a track window by window, from frame `start` to its end.

    At any time `inference.ahead` windows are submitted; the first may be one whose end is all that is needed of it.

    Args:
        inference: the network.
        mix: what it hears.
        start: the first frame wanted, below `mix.frames`.
        rows: which of the network's stems are wanted, by their place in its card; None for all.
        cancelled: asked before every window.

    Yields:
        float32 (stems wanted, channels, n) on the CPU: what the next window has finished, n > 0.

    Raises:
        SeparationCancelled: `cancelled` said so.
    """
    size = inference.card.window_frames
    stride = stride_of(size)
    fade = _triangle(size)
    weight = fade.clone()
    weight[: size - stride] += fade[stride:]
    # A window's end reaches into the next window, but not to the one after that.
    first = max(0, (start - (size - stride)) // stride)
    offsets = range(first * stride, mix.frames, stride)
    tail: Tensor | None = None
    for offset, stems in _heard(inference, mix, offsets, cancelled):
        faded = (stems if rows is None else stems[list(rows)]) * fade[: stems.shape[-1]]
        if tail is not None:
            faded[..., : tail.shape[-1]] += tail
        ready = min(stride, mix.frames - offset)
        tail = faded[..., ready:]
        skipped = max(0, start - offset)
        if skipped < ready:
            total = fade if offset == 0 else weight
            yield faded[..., skipped:ready] / total[skipped:ready]


def _heard(inference: Inference, mix: Mix, offsets: range, cancelled: Cancelled) -> Iterator[tuple[int, Tensor]]:
    """Each window's offset and its own frames of all stems, (stems, channels, heard), in order."""
    submitted: deque[tuple[Window, Future[Tensor]]] = deque()
    waiting = iter(offsets)
    try:
        for done in range(len(offsets)):
            if cancelled():
                raise SeparationCancelled(f"Cancelled after {done} of {len(offsets)} windows.")
            while len(submitted) < inference.ahead and (offset := next(waiting, None)) is not None:
                window = _window_at(inference, mix, offset)
                submitted.append((window, inference.submit(_read(mix, window))))
            window, future = submitted.popleft()
            stems = future.result()
            yield window.offset, stems[..., window.lead : window.lead + window.heard]
    finally:
        for _window, future in submitted:
            future.cancel()


def _window_at(inference: Inference, mix: Mix, offset: int) -> Window:
    """The window at `offset`, with context to both sides if the network wants more than the window has.

    So a window that reaches over the end of the track is moved back by half of what it lacks: the network hears as much
    music before the end as it can instead of half a window of nothing.
    """
    heard = min(inference.card.window_frames, mix.frames - offset)
    length = inference.input_frames(heard)
    return Window(offset, heard, (length - heard) // 2, length)


def _read(mix: Mix, window: Window) -> Tensor:
    """What the network gets for a window: (channels, length); silence where the track has nothing."""
    begin = window.offset - window.lead
    end = begin + window.length
    music = mix.read(max(begin, 0), min(end, mix.frames))
    return functional.pad(music, (max(-begin, 0), max(end - mix.frames, 0)))


def _triangle(window: int) -> Tensor:
    """Weights of a window's frames in the cross-fade: rising to 1 in the middle, (window,); never 0."""
    rise = torch.arange(1, window // 2 + 1)
    fall = torch.arange(window - window // 2, 0, -1)
    triangle = torch.cat([rise, fall])
    return triangle / triangle.max()
