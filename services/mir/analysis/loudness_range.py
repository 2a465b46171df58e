"""Loudness range, EBU Tech 3342: how far the quiet passages of a track lie below the loud ones."""

from __future__ import annotations

from typing import Final

import numpy as np

from services.mir.analysis.loudness import LoudnessMeter, lufs

__all__ = ["loudness_range"]

_STEPS_PER_BLOCK: Final = 30  # of 100 ms: short-term loudness is that of 3 s
_ABSOLUTE_GATE: Final = -70.0  # LUFS
_RELATIVE_GATE: Final = -20.0  # LU
_QUIET, _LOUD = 10, 95  # percentiles


def loudness_range(meter: LoudnessMeter) -> float | None:
    """The range in LU of everything that `meter` has heard; None if that is less than 3 s or below -70 LUFS.

    The distance between the 10th and the 95th percentile of the short-term loudness (3 s, every 100 ms) of what
    is louder than -70 LUFS and than 20 LU below its own mean.
    """
    powers = meter.block_powers(_STEPS_PER_BLOCK)
    audible = powers[lufs(powers) >= _ABSOLUTE_GATE]
    if not len(audible):
        return None
    gated = lufs(audible[lufs(audible) >= float(lufs(audible.mean())) + _RELATIVE_GATE])
    quiet, loud = np.percentile(gated, [_QUIET, _LOUD], method="nearest")
    return float(loud - quiet)
