"""What a finished song should measure, and how loud it therefore becomes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from services.fusion.mixing.arrangement import Mastering

__all__ = ["Level", "Outcome", "Target", "decide_level"]

_METER_MARGIN_DB: Final = 0.1  # another meter's filter reads a little more


@dataclass(frozen=True)
class Target:
    """What the finished song should measure: integrated LUFS (BS.1770-4; None: whatever it is) and at most so many dBTP."""

    loudness_lufs: float | None = -14.0
    true_peak_dbtp: float = -1.0

    @classmethod
    def of(cls, mastering: Mastering) -> Target:
        """As an arrangement says it."""
        return cls(mastering.loudness_lufs, mastering.true_peak_dbtp)

    @property
    def ceiling_dbtp(self) -> float:
        """What our own meter may read at most, so that no other reads more than `true_peak_dbtp`.

        Without a target loudness full scale is the only ceiling: what lies beyond would be clipped.
        """
        return 0.0 if self.loudness_lufs is None else self.true_peak_dbtp - _METER_MARGIN_DB


class Outcome(StrEnum):
    """What decided the level."""

    LOUDNESS = "loudness"
    """The target loudness is reached."""
    TRUE_PEAK = "true_peak"
    """The song stays quieter than the target: louder, its peaks would have to be limited too much."""
    SILENCE = "silence"
    """Nothing can be heard (all of it below -70 LUFS, or every voice muted): the level was left alone."""
    AS_SUMMED = "as_summed"
    """No mastering was asked for: the sum's level is as it is."""
    FULL_SCALE = "full_scale"
    """No mastering was asked for, but the sum exceeded full scale: it was lowered just enough not to be clipped."""


@dataclass(frozen=True)
class Level:
    """The gain in dB that the whole sum gets, why, and by how many dB the limiter turned down the highest peak."""

    gain_db: float
    outcome: Outcome
    limited_db: float = 0.0


def decide_level(loudness_lufs: float | None, true_peak_dbtp: float | None, target: Target) -> Level:
    """The level of a sum that measures `loudness_lufs` (None: below the gate) and `true_peak_dbtp` (None: silence).

    One gain for the whole song: dynamics stay as they are. A faint sum is never raised, only kept under the ceiling.
    """
    if true_peak_dbtp is None:
        return Level(0.0, Outcome.SILENCE)
    headroom = target.ceiling_dbtp - true_peak_dbtp
    if target.loudness_lufs is None:
        return Level(0.0, Outcome.AS_SUMMED) if headroom >= 0 else Level(headroom, Outcome.FULL_SCALE)
    if loudness_lufs is None:
        return Level(min(0.0, headroom), Outcome.SILENCE)
    wanted = target.loudness_lufs - loudness_lufs
    if wanted <= headroom:
        return Level(wanted, Outcome.LOUDNESS)
    return Level(headroom, Outcome.TRUE_PEAK)
