"""Where the true peak meter was; it is in `mastering`."""

from services.fusion.mixing.mastering.true_peak import TruePeakMeter

__all__ = ["TruePeakMeter"]
