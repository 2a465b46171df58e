"""Harmony: tuning, chords and keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from services.mir.analysis.activations import ChordActivations
from services.mir.analysis.findings import Beats, Chord, Finding, Key, KeySection, Reason
from services.mir.analysis.harmony.change import harmonic_change
from services.mir.analysis.harmony.chords import hear_chords
from services.mir.analysis.harmony.key import hear_keys
from services.mir.analysis.harmony.quick_key import quick_key
from services.mir.analysis.harmony.tuning import estimate_tuning

__all__ = ["Harmony", "estimate_tuning", "harmonic_change", "hear_harmony", "quick_key"]

_SHORTEST_SECONDS = 0.5  # less is a sound, not a piece in a key


@dataclass(frozen=True)
class Harmony:
    """The chords, the key and its changes; why, where they are absent."""

    chords: tuple[Chord, ...] = ()
    key: Key | None = None
    key_sections: tuple[KeySection, ...] = ()
    absences: Mapping[Finding, Reason] = field(default_factory=dict)


def hear_harmony(heard: ChordActivations, beats: Beats | None, seconds: float, tuning_cents: float | None) -> Harmony:
    """What the chord network's activations say of a track of `seconds`; nothing, if it has no tuning, for want of pitch."""
    if seconds < _SHORTEST_SECONDS:
        return _absent("too_short")
    chords = hear_chords(heard, beats, seconds) if tuning_cents is not None else ()
    if all(chord.root is None for chord in chords):
        return _absent("no_pitch")
    key, sections = hear_keys(chords, seconds)
    return Harmony(chords, key, sections)


def _absent(reason: Reason) -> Harmony:
    return Harmony(absences={"chords": reason, "key": reason, "tuning": reason})
