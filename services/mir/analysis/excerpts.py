"""Pieces of a signal, and how loud they are."""

from __future__ import annotations

import numpy as np

from services.mir.analysis.preparation import RATE, Mono

__all__ = ["excerpt", "gated_level"]


def excerpt(mono: Mono, start: int, stop: int) -> Mono:
    """The samples from `start` to before `stop`, which may lie outside the signal: around it is silence."""
    inside = mono[max(start, 0) : max(stop, 0)]
    before = max(-start, 0)
    return np.pad(inside, (before, stop - start - before - len(inside)))


def gated_level(mono: Mono) -> float:
    """The root mean square of the seconds that are no more than 10 dB quieter than all together; 0 for silence.

    (The relative gate of ITU-R BS.1770-4, so that rests do not count.)
    """
    seconds = (mono[start : start + RATE] for start in range(0, len(mono), RATE))
    powers = np.array([np.dot(second, second) / len(second) for second in seconds])
    loud = powers[powers >= 0.1 * powers.mean()] if len(powers) else powers
    return float(np.sqrt(loud.mean())) if len(loud) else 0.0
