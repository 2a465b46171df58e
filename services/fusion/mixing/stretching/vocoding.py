"""A source in other time at its own pitch: the phase vocoder led along a timeline."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from math import ceil
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.fusion.mixing.sources import Pcm, Source
from services.fusion.mixing.stretching.cutting import after
from services.fusion.mixing.stretching.makeup import Makeup
from services.fusion.mixing.stretching.stretcher import Stretcher
from services.fusion.mixing.stretching.tape import Tape

__all__ = ["Places", "vocoded"]

Places = Callable[[NDArray[np.float64]], NDArray[np.float64]]
"""For each place in the output, in frames, the frame of the source that sounds there; never falling."""

_HOPS: Final = 24  # in one call: 29,000 frames at 44.1 kHz
_SETTLING_SECONDS: Final = 0.25  # so that a source's first transient comes out whole


def vocoded(source: Source, places: Places) -> Iterator[Pcm]:
    """The source from place 0 on, without end, in float32 blocks of any size; its tones keep their pitch.

    Each window lies centred where it belongs, within half a frame. Deterministic; memory does not grow with length.

    Raises:
        MissingLibrary: if the compiled library isn't there.
        InvalidSource: while reading, if the source is not what it declared.
    """
    stretcher = Stretcher(source.channels, source.sample_rate)
    early = stretcher.block + round(_SETTLING_SECONDS * source.sample_rate)
    yield from after(early, _hops(stretcher, source, lambda frames: places(frames - early)))


def _hops(stretcher: Stretcher, source: Source, places: Places) -> Iterator[Pcm]:
    """All the output there is: in the first block of it windows are missing."""
    makeup = Makeup(stretcher.hop / source.sample_rate, incomplete=ceil(stretcher.block / stretcher.hop))
    tape: Tape | None = None
    for first in count(step=_HOPS):
        edges = np.arange(first, first + _HOPS + 1, dtype=np.float64) * stretcher.hop
        centres = places(edges + stretcher.block / 2)
        ends = np.rint(centres[:-1] + stretcher.block / 2).astype(np.int64)
        passed = np.rint(places(edges)).astype(np.int64)
        start = min(int(ends[0]) - stretcher.block - stretcher.hop, int(passed[0]))
        tape = tape or Tape(source, start)
        heard = tape.span(start, int(ends[-1]))
        made = stretcher.feed(heard, ends - start, np.diff(centres) / stretcher.hop)
        yield makeup.apply(made, _powers(heard, passed - start))


def _powers(heard: Pcm, edges: NDArray[np.int64]) -> NDArray[np.float64]:
    """The mean square from each edge to the next; where they fall together, of the one frame."""
    ends = np.maximum(edges[1:], edges[:-1] + 1)
    squares = np.einsum("ij,ij->i", heard[: ends[-1]], heard[: ends[-1]], dtype=np.float64)
    sums: NDArray[np.float64] = np.add.reduceat(squares, edges[:-1])
    powers: NDArray[np.float64] = sums / ((ends - edges[:-1]) * heard.shape[1])
    return powers
