"""From a sum to a finished song: balance, loudness, true peak, a limiter."""

from services.fusion.mixing.mastering.finishing import MOST_LIMITING_DB, Finish, finish
from services.fusion.mixing.mastering.levelling import Level, Outcome, Target, decide_level
from services.fusion.mixing.mastering.limiter import GainCurve, apply_curve
from services.fusion.mixing.mastering.loudness import LoudnessMeter
from services.fusion.mixing.mastering.metering import Measures, SumMeter
from services.fusion.mixing.mastering.true_peak import TruePeakMeter

__all__ = [
    "MOST_LIMITING_DB",
    "Finish",
    "GainCurve",
    "Level",
    "LoudnessMeter",
    "Measures",
    "Outcome",
    "SumMeter",
    "Target",
    "TruePeakMeter",
    "apply_curve",
    "decide_level",
    "finish",
]
