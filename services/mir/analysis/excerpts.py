"""Pieces of a signal."""

from __future__ import annotations

import numpy as np

from services.mir.analysis.preparation import Mono

__all__ = ["excerpt"]


def excerpt(mono: Mono, start: int, stop: int) -> Mono:
    """The samples from `start` to before `stop`, which may lie outside the signal: around it is silence."""
    inside = mono[max(start, 0) : max(stop, 0)]
    before = max(-start, 0)
    return np.pad(inside, (before, stop - start - before - len(inside)))
