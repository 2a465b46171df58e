"""Tempo, beats, bars: see `hearing`."""

from services.mir.analysis.rhythm.hearing import Rhythm, hear_rhythm

__all__ = ["Rhythm", "hear_rhythm"]
