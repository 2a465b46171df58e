"""Make-up gain for what stretching takes from noise."""

from __future__ import annotations

from math import exp, sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.fusion.mixing.sources import Pcm

__all__ = ["Makeup"]

_MEMORY_SECONDS: Final = 0.4
_LARGEST: Final = 10 ** (4 / 20)
_SILENCE: Final = 1e-12  # a mean square of -120 dB: below it there is nothing to compare


class Makeup:
    """A slow gain of 0 to 4 dB that brings each hop's power to that of the input it was made of.

    Tones come through a phase vocoder at their level; noise, whose neighbouring windows are no longer coherent, loses 0.5 to
    1.4 dB at factors of 0.8 to 1.25. Both powers are smoothed alike (exponentially, 0.4 s), so attacks keep their shape.
    """

    def __init__(self, hop_seconds: float, incomplete: int) -> None:
        """For hops that follow each other every `hop_seconds`; the first `incomplete` lack windows and say nothing."""
        self._incomplete = incomplete
        self._kept = exp(-hop_seconds / _MEMORY_SECONDS)
        self._before = self._after = 0.0
        self._gain = 1.0

    def apply(self, made: Pcm, powers: NDArray[np.float64]) -> Pcm:
        """The hops in `made`, (hops * hop, channels), with gain; `powers`: mean square of what each was made of."""
        hops = made.reshape(len(powers), -1)
        reached = np.einsum("ij,ij->i", hops, hops, dtype=np.float64) / hops.shape[1]
        gains = [self._gain] + [self._next(*pair) for pair in zip(powers, reached, strict=True)]
        hop = len(made) // len(powers)
        ramp = np.interp(np.arange(len(made)) / hop, np.arange(len(gains)), gains)
        return made * ramp[:, None].astype(np.float32)

    def _next(self, power: float, reached: float) -> float:
        if self._incomplete:
            self._incomplete -= 1
            return self._gain
        self._before = self._kept * self._before + (1 - self._kept) * power
        self._after = self._kept * self._after + (1 - self._kept) * reached
        if self._after > _SILENCE:
            self._gain = min(max(sqrt(self._before / self._after), 1.0), _LARGEST)
        return self._gain
