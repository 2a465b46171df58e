"""An original opened for reading: what it is, and its samples in blocks. Each decoder makes one of these."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

BLOCK_FRAMES = 65_536

Block = npt.NDArray[np.int32] | npt.NDArray[np.float32] | npt.NDArray[np.float64]
"""Samples [frames, channels]: int32 with the most significant bit on top, or floats with full scale at 1.0."""


@dataclass(frozen=True, slots=True)
class Source:
    """A decoder at the beginning of a file.

    format, encoding: for people ('MP3', 'lossy'). bit_depth: 0 where the codec has none. sample_rate: Hz.
    claimed_frames: length as the file tells it, None where it does not; to be compared with, never to be trusted.
    blocks: at most BLOCK_FRAMES frames each; raises Rejected where decoding breaks.
    """

    format: str
    encoding: str
    bit_depth: int
    sample_rate: int
    channels: int
    claimed_frames: int | None
    blocks: Iterator[Block]
