"""The chords that are told apart, as states 0 to 72: no chord, and twelve roots of each quality."""

from __future__ import annotations

from typing import Final

from services.mir.analysis.findings import Quality

__all__ = ["NO_CHORD", "QUALITIES", "STATES", "quality_of", "root_of", "state_of"]

QUALITIES: Final[tuple[Quality, ...]] = (
    "major",
    "minor",
    "dominant_seventh",
    "major_seventh",
    "minor_seventh",
    "diminished",
)
STATES: Final = 1 + 12 * len(QUALITIES)
NO_CHORD: Final = 0


def root_of(state: int) -> int | None:
    """The pitch class of a state's root, None where no chord sounds."""
    return None if state == NO_CHORD else (state - 1) % 12


def quality_of(state: int) -> Quality:
    """The quality of a state's chord."""
    return "none" if state == NO_CHORD else QUALITIES[(state - 1) // 12]


def state_of(root: int | None, quality: Quality) -> int:
    """The state of a chord; `root` may be any whole number of semitones above C."""
    return NO_CHORD if root is None or quality == "none" else 1 + 12 * QUALITIES.index(quality) + root % 12
