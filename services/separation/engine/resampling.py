"""From a track's sample rate to the network's and back, aligned and to the exact sample."""

import math
from typing import Final

import numpy as np
import soxr
from numpy.typing import NDArray

Pcm = NDArray[np.float32]
"""Samples as (frames, channels), full scale at ±1."""

# soxr's steepest filter: the way there and back must not be heard in the stems.
_QUALITY: Final = "VHQ"


def resampled(pcm: Pcm, rate: int, target: int) -> Pcm:
    """The whole of `pcm`, from `rate` to `target` Hz, aligned to the first sample.

    The result reaches a few samples of silence over the track's end, so that the way back by `WayBack` has a sample
    for each of the track's frames whichever way the two lengths are rounded. At equal rates `pcm` itself.
    """
    if rate == target:
        return pcm
    # Rounding may cost a frame at each rate; one at the target rate is rate/target frames here.
    spare = math.ceil(rate / target) + 2
    padded = np.concatenate([pcm, np.zeros((spare, pcm.shape[1]), dtype=np.float32)])
    there: Pcm = soxr.resample(padded, rate, target, quality=_QUALITY)
    return there


class WayBack:
    """Brings one signal back to its track's rate, block by block, and ends at exactly the track's frames."""

    def __init__(self, rate: int, target: int, channels: int, frames: int) -> None:
        """A way back from `rate` to `target` Hz for a signal that shall be `frames` long there."""
        self._stream = None if rate == target else soxr.ResampleStream(rate, target, channels, "float32", _QUALITY)
        self._missing = frames

    def push(self, block: Pcm, *, last: bool) -> Pcm:
        """What is known of the resampled signal after this block, (n, channels); `last` flushes the rest."""
        if self._stream is not None:
            block = self._stream.resample_chunk(block, last)
        ready = block[: self._missing]
        self._missing -= len(ready)
        return ready
