"""What bending costs: the one measure by which plans are compared.

In points. One point is what a voice loses when it is sung 8 % faster, or 3 semitones higher: about where people begin to
hear that something was done. Up to there damage grows evenly; beyond, each step counts three times, so that two tracks
rather bend a little each than one of them a lot.

    stretch of a voice   = stretch weight of its role x bent(|log2 ratio| / log2 1.08)
    pitch of a voice     = pitch weight of its role   x bent(|cents| / 300)
    level of a track     = 0.5 x sum of stretch weights x confidence of its tempo, where it is counted at half or double tempo
    clash of a track     = sum of pitch weights x confidence of its key x distance of its key, as transposed, to the target
    bent(x)              = x up to 1, 1 + 3 (x - 1) beyond

Counting at half or double tempo hurts no sample, yet a groove changes its feel; if the tempo was heard with little confidence,
so was its level. A key that may be wrong may not clash either.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import log2
from typing import Final

from services.fusion.mixing.planning.material import Key
from services.fusion.mixing.planning.roles import pitch_weight, stretch_weight

__all__ = [
    "CLASH_BY_FIFTHS",
    "LEVEL",
    "MODES_DIFFER",
    "STEEPER",
    "STRETCH_LIMIT",
    "TRANSPOSITION_LIMIT_CENTS",
    "Cost",
    "bent",
    "key_clash",
    "level_cost",
    "pitch_damage",
    "stretch_damage",
]

STRETCH_LIMIT: Final = 1.08
"""Played so many times as fast, or as slow, a voice loses one point; beyond, plans warn."""

TRANSPOSITION_LIMIT_CENTS: Final = 300.0
"""Transposed so far, a voice loses one point; beyond, plans warn."""

STEEPER: Final = 3.0
"""How many times as fast damage grows beyond a limit."""

LEVEL: Final = 0.5
"""Points per stretch weight for counting a track at half or double tempo."""

CLASH_BY_FIFTHS: Final = (0.0, 0.75, 1.5, 2.5, 3.0, 3.25, 3.5)
"""Points by steps between two keys on the circle of fifths: up to five steps, as many of their notes differ. Relative keys share
all: 0 steps. One step sounds well, and less bad than transposing by the 5 semitones that would remove it."""

MODES_DIFFER: Final = 0.1
"""Points that a major and a minor key of the same notes are apart: they share everything but the tonic."""

_PARALLEL: Final = 1.25  # the same tonic in major and in minor: thirds clash, bass and fifth agree


@dataclass(frozen=True)
class Cost:
    """A plan's cost in points, by what it comes from."""

    stretch: float = 0.0
    level: float = 0.0
    pitch: float = 0.0
    clash: float = 0.0

    @property
    def total(self) -> float:
        """All of it."""
        return self.stretch + self.level + self.pitch + self.clash


def bent(limits: float) -> float:
    """Points of a voice of weight 1 that is bent by so many limits (at least 0)."""
    return limits if limits <= 1 else 1 + STEEPER * (limits - 1)


def stretch_damage(role: str, ratio: float) -> float:
    """Points that a voice loses by being played `ratio` times as fast."""
    return stretch_weight(role) * bent(abs(log2(ratio)) / log2(STRETCH_LIMIT))


def pitch_damage(role: str, cents: float) -> float:
    """Points that a voice loses by sounding so many cents higher."""
    return pitch_weight(role) * bent(abs(cents) / TRANSPOSITION_LIMIT_CENTS)


def level_cost(level: float, weight: float, confidence: float) -> float:
    """Points for counting a track of this weight `level` times as fast as it was heard."""
    return 0.0 if level == 1 else LEVEL * weight * confidence


def key_clash(key: Key, target: Key) -> float:
    """Points per weight between two keys, 0 to 3.6: of notes that differ and, a little, of modes."""
    return _clash(key.mode, target.mode, (target.tonic - key.tonic) % 12)


@cache
def _clash(mode: str, target_mode: str, higher: int) -> float:
    """Between keys of these modes; the target's tonic lies `higher` semitones above the other's."""
    clash = CLASH_BY_FIFTHS[_fifths(_signature(0, mode), _signature(higher, target_mode))]
    if mode == target_mode:
        return clash
    return min(clash + MODES_DIFFER, _PARALLEL) if higher == 0 else clash + MODES_DIFFER


def _signature(tonic: int, mode: str) -> int:
    """The tonic, 0 to 11, of the major key with the same notes."""
    return (tonic + (3 if mode == "minor" else 0)) % 12


def _fifths(tonic: int, other: int) -> int:
    """Steps between them on the circle of fifths, 0 to 6."""
    steps = (tonic - other) * 7 % 12
    return min(steps, 12 - steps)
