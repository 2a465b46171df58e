"""How loud a mix becomes: as loud as asked, as long as no peak would exceed its ceiling."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

__all__ = ["Level", "Outcome", "Target", "decide_level"]

_METER_MARGIN_DB: Final = 0.1  # another meter's filter reads a little more


@dataclass(frozen=True)
class Target:
    """What the finished song should measure: integrated LUFS (BS.1770-4) and at most so many dBTP."""

    loudness_lufs: float = -14.0
    true_peak_dbtp: float = -1.0

    @property
    def ceiling_dbtp(self) -> float:
        """What our own meter may read at most, so that no other reads more than `true_peak_dbtp`."""
        return self.true_peak_dbtp - _METER_MARGIN_DB


class Outcome(StrEnum):
    """What decided the level."""

    LOUDNESS = "loudness"
    """The target loudness is reached."""
    TRUE_PEAK = "true_peak"
    """The song stays quieter than the target: louder, its peaks would exceed the ceiling."""
    SILENCE = "silence"
    """Nothing can be heard (all of it below -70 LUFS, or every part muted): the level was left alone."""


@dataclass(frozen=True)
class Level:
    """The gain in dB that the whole sum gets, and why."""

    gain_db: float
    outcome: Outcome


def decide_level(loudness_lufs: float | None, true_peak_dbtp: float | None, target: Target) -> Level:
    """The level of a sum that measures `loudness_lufs` (None: below the gate) and `true_peak_dbtp` (None: silence).

    One gain for the whole song: dynamics stay as they are. A faint sum is never raised, only kept under the ceiling.
    """
    if true_peak_dbtp is None:
        return Level(0.0, Outcome.SILENCE)
    headroom = target.ceiling_dbtp - true_peak_dbtp
    if loudness_lufs is None:
        return Level(min(0.0, headroom), Outcome.SILENCE)
    wanted = target.loudness_lufs - loudness_lufs
    if wanted <= headroom:
        return Level(wanted, Outcome.LOUDNESS)
    return Level(headroom, Outcome.TRUE_PEAK)
