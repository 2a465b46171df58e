"""How a sum is brought to its target: by a gain, and where peaks stand in the way by a limiter behind it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import optimize

from services.fusion.mixing.mastering.levelling import Level, Outcome, Target, decide_level
from services.fusion.mixing.mastering.limiter import GainCurve, gain_curve, largest_reduction_db
from services.fusion.mixing.mastering.metering import Measures, decibels
from services.fusion.mixing.progress import IsCancelled, check, never

__all__ = ["MOST_LIMITING_DB", "Finish", "Listen", "finish"]

MOST_LIMITING_DB: Final = 8.0
"""By how many dB the highest peak is turned down at most; a song that would need more stays quieter."""

_PASSES: Final = 3
_TOLERANCE_LU: Final = 0.05
_REACHED_LU: Final = 0.2
_STEP_DB: Final = 0.01  # below the ceiling: a moving gain lifts what lies between samples by some thousandths
_SEARCHED_DB: Final = 0.005
_GATE_LUFS: Final = -70.0  # what lies below it measures nothing

Listen = Callable[["Finish"], tuple[float | None, float | None]]
"""Plays the sum after a curve, without the level's gain, and measures loudness (LUFS) and true peak (dBTP)."""


@dataclass(frozen=True, eq=False)
class Finish:
    """A gain for the whole sum and, where it is limited, a gain curve on top; what the sum measures after the curve alone."""

    level: Level
    curve: GainCurve | None
    loudness_lufs: float | None
    true_peak_dbtp: float | None


def finish(measures: Measures, target: Target, listen: Listen, cancelled: IsCancelled = never) -> Finish:
    """What brings a sum with these measures to the target.

    A limited song is listened to, once to three times, until its loudness is within 0.05 LU and its true peak under the
    ceiling. If the highest peak would have to come down by more than MOST_LIMITING_DB, the song stays quieter.

    Raises:
        Cancelled: if `cancelled` answers True.
    """
    peak = measures.true_peak_dbtp
    if target.loudness_lufs is None:
        peak = decibels(measures.sample_peak)  # nothing between the samples is clipped
    level = decide_level(measures.loudness_lufs, peak, target)
    if level.outcome is not Outcome.TRUE_PEAK or target.loudness_lufs is None:
        return Finish(level, None, measures.loudness_lufs, measures.true_peak_dbtp)
    return _limited(measures, target.loudness_lufs, target.ceiling_dbtp, listen, cancelled)


def _limited(
    measures: Measures, target_lufs: float, ceiling_dbtp: float, listen: Listen, cancelled: IsCancelled
) -> Finish:
    aim, ceiling = target_lufs, ceiling_dbtp - _STEP_DB
    for _ in range(_PASSES):
        tried = _heard(_aimed(measures, aim, ceiling, cancelled), listen)
        missing, excess = _errors(tried, target_lufs, ceiling_dbtp)
        loud_enough = abs(missing) <= _TOLERANCE_LU or tried.level.gain_db >= _most_gain(measures, ceiling)
        if excess <= 0 and loud_enough:
            break
        aim += missing
        ceiling -= excess + _STEP_DB if excess > 0 else 0.0
    return _settled(tried, missing, excess)


def _aimed(measures: Measures, aim_lufs: float, ceiling_dbtp: float, cancelled: IsCancelled) -> Finish:
    """The least gain that, limited to the ceiling, should be as loud as the aim; at most what may be limited."""

    def excess(gain_db: float) -> float:
        check(cancelled)
        limited = _estimated(measures, _curve(measures, gain_db, ceiling_dbtp))
        return (_GATE_LUFS if limited is None else limited) + gain_db - aim_lufs

    gain = _zero(excess, aim_lufs - (measures.loudness_lufs or 0.0), _most_gain(measures, ceiling_dbtp))
    curve = _curve(measures, gain, ceiling_dbtp)
    return Finish(Level(gain, Outcome.LOUDNESS, largest_reduction_db(curve)), curve, None, None)


def _zero(rising: Callable[[float], float], low: float, high: float) -> float:
    """Where a function comes to zero between two places; where it is nearest to it, if it doesn't."""
    if low >= high or rising(high) <= 0:
        return high
    return low if rising(low) >= 0 else float(optimize.brentq(rising, low, high, xtol=_SEARCHED_DB))


def _most_gain(measures: Measures, ceiling_dbtp: float) -> float:
    return ceiling_dbtp + MOST_LIMITING_DB - (measures.true_peak_dbtp or 0.0)


def _curve(measures: Measures, gain_db: float, ceiling_dbtp: float) -> GainCurve:
    return gain_curve(measures.peaks, 10 ** ((ceiling_dbtp - gain_db) / 20), measures.sample_rate)


def _estimated(measures: Measures, curve: GainCurve) -> float | None:
    return measures.loudness_after((curve[:-1] + curve[1:]) * np.float32(0.5))


def _heard(tried: Finish, listen: Listen) -> Finish:
    return Finish(tried.level, tried.curve, *listen(tried))


def _errors(tried: Finish, target_lufs: float, ceiling_dbtp: float) -> tuple[float, float]:
    """By how many LU the song is too quiet, and by how many dB its peak is too high."""
    gain = tried.level.gain_db
    missing = 0.0 if tried.loudness_lufs is None else target_lufs - tried.loudness_lufs - gain
    excess = 0.0 if tried.true_peak_dbtp is None else tried.true_peak_dbtp + gain - ceiling_dbtp
    return missing, excess


def _settled(tried: Finish, missing: float, excess: float) -> Finish:
    """The last try, so much softer that no peak is too high, and what came of it."""
    softer = max(0.0, excess)
    reached = missing + softer <= _REACHED_LU
    outcome = Outcome.LOUDNESS if reached else Outcome.TRUE_PEAK
    level = Level(tried.level.gain_db - softer, outcome, tried.level.limited_db)
    return Finish(level, tried.curve, tried.loudness_lufs, tried.true_peak_dbtp)
