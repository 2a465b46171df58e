"""The sections of a song: its parts, by letters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.mir.analysis.findings import Chord
from services.mir.analysis.form.bars import bars_of
from services.mir.analysis.form.cues import cues
from services.mir.analysis.form.features import Features
from services.mir.analysis.form.letters import letters
from services.mir.analysis.form.likeness import harmony_likeness, timbre_likeness
from services.mir.analysis.form.parts import describe
from services.mir.analysis.form.progressions import same_chords

__all__ = ["BarSection", "joined", "sections_between"]

Signal = NDArray[np.float64]

# How unlike parts of one letter may be, by pitch classes and timbre, or by chords and timbre; fitted to composed songs.
_UNLIKE: Final = 0.25
_UNLIKE_CHORDS: Final = 0.15
_CHORDS: Final = 0.75  # of the likeness, where they are known


@dataclass(frozen=True)
class BarSection:
    """The bars from `first` to before `end`. `confidence` in [0, 1] that a section begins there; 1 for the song's beginning."""

    first: int
    end: int
    letter: str
    confidence: float


def sections_between(
    features: Features, bounds: Signal, chords: Sequence[Chord], *, regular: bool
) -> tuple[BarSection, ...]:
    """The sections of the bars between `bounds` (bars + 1,) in seconds; `regular` if the bars were measured.

    Equal letters sound alike; neighbours differ.
    """
    bars = bars_of(features, bounds)
    timbre, harmony = timbre_likeness(bars), harmony_likeness(bars)
    description, announced = describe((timbre + harmony) / 2, regular=regular), cues(features, bounds)
    firsts = description.parts(announced)
    if chords:
        alike = _CHORDS * same_chords(chords, bounds) + (1 - _CHORDS) * timbre
        names = letters(alike, firsts, _UNLIKE_CHORDS)
    else:
        names = letters((timbre + harmony) / 2, firsts, _UNLIKE)
    begin, names = joined(firsts[:-1], names)
    confidences = [1.0, *description.confidences(announced, begin[1:])]
    return tuple(map(BarSection, begin, [*begin[1:], len(bounds) - 1], names, confidences))


def joined(firsts: Sequence[int], names: Sequence[str]) -> tuple[list[int], list[str]]:
    """The same with neighbours of one letter as one part: the bars in which parts begin, and their letters."""
    kept = [n for n in range(len(names)) if n == 0 or names[n] != names[n - 1]]
    return [firsts[n] for n in kept], [names[n] for n in kept]
