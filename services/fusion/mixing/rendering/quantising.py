"""Float samples as integers: 16 bits with dither, 24 bits without."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.fusion.mixing.sources import Pcm

__all__ = ["Quantiser"]

_WIDTH: Final = 32  # libsndfile takes the upper bits of an integer


class Quantiser:
    """Rounds blocks of PCM; the same blocks give the same integers.

    16 bits get triangular dither of two steps' width (S. Lipshitz, R. Wannamaker, J. Vanderkooy, "Quantization and dither: a
    theoretical survey", JAES 40 (5), 1992). A sample that already is a whole step is left as it is: silence stays silent, and a
    16-bit stem that nothing was done to stays itself.
    """

    def __init__(self, bits: int) -> None:
        """Round to `bits` bits, 16 or 24."""
        self._steps = 2.0 ** (bits - 1)
        self._dithered = bits == 16
        self._shift = _WIDTH - bits
        self._noise = np.random.default_rng(0)

    def __call__(self, block: Pcm) -> NDArray[np.int32]:
        """The block, int32 of the same shape, its bits uppermost; what lies beyond full scale is clipped."""
        steps = block.astype(np.float64) * self._steps
        if self._dithered:
            steps = np.where(steps == np.rint(steps), steps, steps + self._triangular(steps.shape))
        whole = np.clip(np.rint(steps), -self._steps, self._steps - 1)
        return np.left_shift(whole.astype(np.int32), self._shift, dtype=np.int32)

    def _triangular(self, shape: tuple[int, ...]) -> NDArray[np.float64]:
        return self._noise.random(shape) - self._noise.random(shape)
