"""The analysis as a worker does it, for an array."""

from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from services.mir.analysis import analysing
from services.mir.analysis.findings import Analysis
from services.mir.analysis.networks import Networks, load_networks

__all__ = ["analyse"]


def analyse(pcm: NDArray[np.float32], sample_rate: int) -> Analysis:
    """As `analysing.analyse`, with the networks that `make weights` made."""
    return analysing.analyse(pcm, sample_rate, _networks())


@cache
def _networks() -> Networks:
    return load_networks(Path(".puremusic/weights/mir"))
