"""Where levelling was; it is in `mastering`."""

from services.fusion.mixing.mastering.levelling import Level, Outcome, Target, decide_level

__all__ = ["Level", "Outcome", "Target", "decide_level"]
