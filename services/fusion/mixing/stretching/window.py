"""The window of the phase vocoder."""

from __future__ import annotations

from math import pi, sqrt

import numpy as np
from numpy.typing import NDArray

__all__ = ["window_of"]


def window_of(block: int, hop: int) -> NDArray[np.float64]:
    """A Kaiser window of `block` frames whose square adds up to 1 when it is repeated every `hop` frames.

    Its main lobe is as wide as the distance of the hops asks for, and a little wider, which costs less in its side lobes than it
    gives (Signalsmith's heuristic).
    """
    overlap = block / hop
    wide = overlap + 8 / (overlap + 3) ** 2 + 0.25 * max(3 - overlap, 0.0)
    # np.kaiser's ends lie on its first and last point, ours half a frame beside them.
    window = np.kaiser(2 * block + 1, pi * sqrt(max(wide, 2.0) ** 2 / 4 - 1))[1::2]
    sums = np.zeros(hop)
    np.add.at(sums, np.arange(block) % hop, window**2)
    return np.asarray(window / np.sqrt(sums[np.arange(block) % hop]))
