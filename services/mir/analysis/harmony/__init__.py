"""Harmony: tuning, chords and keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from services.mir.analysis.activations import ChordActivations
from services.mir.analysis.findings import Beats, Chord, Finding, Key, KeySection, Reason
from services.mir.analysis.harmony.change import harmonic_change
from services.mir.analysis.harmony.chords import hear_chords
from services.mir.analysis.harmony.key import hear_keys
from services.mir.analysis.harmony.quick_key import quick_key
from services.mir.analysis.harmony.tuning import estimate_tuning

__all__ = ["Harmony", "estimate_tuning", "harmonic_change", "hear_harmony", "quick_key"]

_SHORTEST_SECONDS: Final = 0.5  # less is a sound, not a piece in a key
_SURE_ENOUGH: Final = 0.5  # of a melody's key; a held note has less


@dataclass(frozen=True)
class Harmony:
    """The chords, the key and its changes; why, where they are absent."""

    chords: tuple[Chord, ...] = ()
    key: Key | None = None
    key_sections: tuple[KeySection, ...] = ()
    absences: Mapping[Finding, Reason] = field(default_factory=dict)


def hear_harmony(
    heard: ChordActivations,
    beats: Beats | None,
    seconds: float,
    tuning_cents: float | None,
    first_key: Key | None = None,
) -> Harmony:
    """What the chord network's activations say of a track of `seconds`; nothing of one that has no tuning, for want of pitch.

    `first_key` is `quick_key`'s answer: a melody alone has no chords, but may well have a key.
    """
    if seconds < _SHORTEST_SECONDS:
        return Harmony(absences={"chords": "too_short", "key": "too_short"})
    if tuning_cents is None:
        return Harmony(absences={"chords": "no_pitch", "key": "no_pitch"})
    chords = hear_chords(heard, beats, seconds)
    if all(chord.root is None for chord in chords):
        return _melody(seconds, first_key)
    key, sections = hear_keys(chords, seconds)
    return Harmony(chords, key, sections)


def _melody(seconds: float, key: Key | None) -> Harmony:
    if key is None or key.confidence < _SURE_ENOUGH:
        return Harmony(absences={"chords": "no_pitch", "key": "no_clear_key"})
    whole = KeySection(0.0, seconds, key.name, key.confidence)
    return Harmony(key=key, key_sections=(whole,), absences={"chords": "no_pitch"})
