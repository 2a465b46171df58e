"""The key and the tuning that cost least.

Every one of the 24 keys is tried, and with it every tuning of a track: as the damage of a transposition is piecewise linear in
the common tuning, and all its bends lie at whole semitones from a track's tuning, the minimum lies at one of them. A track goes
to the key itself, to its relative, or, where the target is free, to a neighbour that costs less; always by the shorter way,
at most six semitones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf
from typing import Final

from services.fusion.mixing.planning.cost import MODES_DIFFER, TRANSPOSITION_LIMIT_CENTS, bent, key_clash
from services.fusion.mixing.planning.material import Key

__all__ = ["MODES", "KeyOption", "Pitched", "Shift", "key_cost", "key_options", "transposed"]

MODES: Final = ("major", "minor")

_ALL: Final = {mode: tuple(Key(tonic, mode) for tonic in range(12)) for mode in MODES}
_OCTAVE: Final = 1200.0
_SEMITONE: Final = 100.0


@dataclass(frozen=True)
class Pitched:
    """A track with a key; `weight` is the sum of its voices' pitch weights. `key.confidence` discounts clashes."""

    track_id: str
    key: Key
    tuning_cents: float
    weight: float


@dataclass(frozen=True)
class Shift:
    """How a track is transposed, and what that costs in points: of bending it, and of what still clashes.

    Its key moves by `semitones`; `tuning` cents more bring its tuning to the common one.
    """

    semitones: int
    tuning: float
    pitch: float
    clash: float

    @property
    def cents(self) -> float:
        """By how much it moves altogether."""
        return _SEMITONE * self.semitones + self.tuning

    @property
    def cost(self) -> float:
        """Both."""
        return self.pitch + self.clash


@dataclass(frozen=True)
class KeyOption:
    """A key and a tuning (cents from A4 = 440 Hz), and how each track gets there; `cost` in points."""

    key: Key
    tuning_cents: float
    shifts: tuple[Shift, ...]

    @property
    def cost(self) -> float:
        """Of all tracks."""
        return sum(shift.cost for shift in self.shifts)


def key_cost(tracks: Sequence[Pitched], key: Key, tuning_cents: float, *, strict: bool = False) -> KeyOption:
    """What it costs to bring all tracks to a key; if `strict`, to its very notes: that key or its relative."""
    return KeyOption(key, tuning_cents, tuple(_best_shift(track, key, tuning_cents, strict) for track in tracks))


def key_options(
    tracks: Sequence[Pitched], key: Key | None = None, tuning_cents: float | None = None
) -> list[KeyOption]:
    """Keys (only `key` where given) that tracks (at least one) can be brought to, best first, each in its best tuning."""
    tunings = sorted({track.tuning_cents for track in tracks}) if tuning_cents is None else [tuning_cents]
    keys = [one for mode in MODES for one in _ALL[mode]] if key is None else [key]
    options = [
        min((key_cost(tracks, one, tuning, strict=key is not None) for tuning in tunings), key=_rank) for one in keys
    ]
    return sorted(options, key=_rank)


def transposed(key: Key, semitones: int) -> Key:
    """The key after a transposition."""
    return replace(key, tonic=(key.tonic + semitones) % 12)


def _rank(option: KeyOption) -> tuple[float, int, float, str, int]:
    """By cost; of equals the one in which most tracks are, then by the standard tuning."""
    at_home = sum(shift.clash == 0 for shift in option.shifts)
    return round(option.cost, 9), -at_home, abs(option.tuning_cents), option.key.mode, option.key.tonic


def _best_shift(track: Pitched, target: Key, tuning_cents: float, strict: bool) -> Shift:
    tuning = tuning_cents - track.tuning_cents
    shifts = (_shift(track, semitones, _lowered(target, semitones), tuning, strict) for semitones in range(12))
    pitch, clash, _, cents = min(shifts, key=lambda shift: (shift[0] + shift[1], shift[2]))
    return Shift(round((cents - tuning) / _SEMITONE), tuning, pitch, clash)


def _lowered(key: Key, semitones: int) -> Key:
    """The key that becomes this one when it is raised."""
    return _ALL[key.mode][(key.tonic - semitones) % 12]


def _shift(track: Pitched, semitones: int, lowered: Key, tuning: float, strict: bool) -> tuple[float, ...]:
    """Points of bending, points of clashing, by how many cents at all, and the cents: it is tried thousands of times."""
    cents = _shorter_way(_SEMITONE * semitones + tuning)
    pitch = track.weight * bent(abs(cents) / TRANSPOSITION_LIMIT_CENTS)
    clash = key_clash(track.key, lowered)
    if strict and clash > MODES_DIFFER:
        return pitch, inf, abs(cents), cents
    return pitch, track.weight * track.key.confidence * clash, abs(cents), cents


def _shorter_way(cents: float) -> float:
    """The same pitch class within half an octave: above -600, up to 600."""
    return _OCTAVE / 2 - (_OCTAVE / 2 - cents) % _OCTAVE
