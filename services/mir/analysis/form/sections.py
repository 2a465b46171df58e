"""The sections of a song: its parts, by letters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.mir.analysis.findings import Chord
from services.mir.analysis.form.bars import bars_of
from services.mir.analysis.form.cues import cues
from services.mir.analysis.form.features import Features
from services.mir.analysis.form.letters import joined, letters
from services.mir.analysis.form.likeness import harmony_likeness, timbre_likeness
from services.mir.analysis.form.parts import parts
from services.mir.analysis.form.progressions import same_chords

__all__ = ["sections_between"]

Signal = NDArray[np.float64]

# How unlike parts of one letter may be, by pitch classes and timbre, or by chords and timbre; fitted to composed songs.
_UNLIKE: Final = 0.25
_UNLIKE_CHORDS: Final = 0.15
_CHORDS: Final = 0.75  # of the likeness, where they are known


def sections_between(
    features: Features, bounds: Signal, chords: Sequence[Chord], *, regular: bool
) -> tuple[list[int], list[str]]:
    """The bars in which sections begin, and behind them how many bars there are; and a letter for each section.

    `bounds` (bars + 1,) of the bars, in seconds; `regular` if they were measured. Equal letters sound alike; neighbours differ.
    """
    bars = bars_of(features, bounds)
    timbre, harmony = timbre_likeness(bars), harmony_likeness(bars)
    alike = (timbre + harmony) / 2
    firsts = parts(alike, cues(features, bounds), regular=regular)
    if not chords:
        return joined(firsts, letters(alike, firsts, _UNLIKE))
    by_chords = _CHORDS * same_chords(chords, bounds) + (1 - _CHORDS) * timbre
    return joined(firsts, letters(by_chords, firsts, _UNLIKE_CHORDS))
