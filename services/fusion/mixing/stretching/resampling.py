"""From one sample rate to another, in a stream, exact in place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import soxr

from services.fusion.mixing.sources import Pcm

__all__ = ["resampled"]


def resampled(blocks: Iterable[Pcm], channels: int, clock: float, rate: int) -> Iterator[Pcm]:
    """Endless `blocks` at `clock` Hz (any positive number) in `rate` Hz.

    Frame n of the output lies at n * clock / rate of the input: libsoxr compensates its delay. What lies before the input's
    beginning counts as silence.
    """
    stream = soxr.ResampleStream(clock, rate, channels, dtype="float32", quality="VHQ")
    for block in blocks:
        yield stream.resample_chunk(np.ascontiguousarray(block))
