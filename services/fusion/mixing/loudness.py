"""Where the loudness meter was; it is in `mastering`."""

from services.fusion.mixing.mastering.loudness import LoudnessMeter, gated, lufs

__all__ = ["LoudnessMeter", "gated", "lufs"]
