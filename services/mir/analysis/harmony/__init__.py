"""Harmony: tuning, chords and keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from services.mir.analysis.activations import ChordActivations
from services.mir.analysis.findings import Beats, Chord, Finding, Key, KeySection, Reason
from services.mir.analysis.harmony.change import harmonic_change
from services.mir.analysis.harmony.chords import hear_chords
from services.mir.analysis.harmony.first import SURE_ENOUGH, FirstHarmony, hear_first_harmony
from services.mir.analysis.harmony.key import hear_keys
from services.mir.analysis.harmony.quick_key import quick_key
from services.mir.analysis.harmony.tuning import estimate_tuning

__all__ = [
    "FirstHarmony",
    "Harmony",
    "estimate_tuning",
    "harmonic_change",
    "hear_first_harmony",
    "hear_harmony",
    "quick_key",
]

_SHORTEST_SECONDS: Final = 0.5  # less is a sound, not a piece in a key


@dataclass(frozen=True)
class Harmony:
    """The chords, the key and its changes, and the tuning that is to be believed; why, where they are absent."""

    chords: tuple[Chord, ...] = ()
    key: Key | None = None
    key_sections: tuple[KeySection, ...] = ()
    tuning_cents: float | None = None
    absences: Mapping[Finding, Reason] = field(default_factory=dict)


def hear_harmony(
    heard: ChordActivations,
    beats: Beats | None,
    seconds: float,
    tuning_cents: float | None,
    first_key: Key | None = None,
) -> Harmony:
    """What the chord network's activations say of a track of `seconds`; nothing of one that has no tuning, for want of pitch.

    `first_key` is `quick_key`'s answer: a melody alone has no chords, but may well have a key; drums fit none,
    and what their tuning was taken from was no pitch.
    """
    if seconds < _SHORTEST_SECONDS:
        return _absent("too_short")
    chords = hear_chords(heard, beats, seconds) if tuning_cents is not None else ()
    if any(chord.root is not None for chord in chords):
        return Harmony(chords, *hear_keys(chords, seconds), tuning_cents)
    if tuning_cents is None or first_key is None:
        return _absent("no_pitch")
    return _melody(seconds, first_key, tuning_cents)


def _absent(reason: Reason) -> Harmony:
    return Harmony(absences={"chords": reason, "key": reason, "tuning": reason})


def _melody(seconds: float, key: Key, tuning_cents: float) -> Harmony:
    if key.confidence < SURE_ENOUGH:
        return Harmony(tuning_cents=tuning_cents, absences={"chords": "no_pitch", "key": "no_clear_key"})
    whole = KeySection(0.0, seconds, key.name, key.confidence)
    return Harmony((), key, (whole,), tuning_cents, {"chords": "no_pitch"})
