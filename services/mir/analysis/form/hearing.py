"""The form of a song from its features and its bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.mir.analysis.findings import Beats, Chord, Finding, Passage, Reason, Section
from services.mir.analysis.form.bars import bar_bounds
from services.mir.analysis.form.features import Features
from services.mir.analysis.form.passages import hardest_passages
from services.mir.analysis.form.sections import sections_between

__all__ = ["Form", "hear_form"]

Signal = NDArray[np.float64]

_FEWEST_BARS: Final = 8  # two parts of four
_MOST_BARS: Final = 1200  # the square of it is kept; of longer tracks two or more bars are taken for one


@dataclass(frozen=True)
class Form:
    """The sections, which follow each other without gaps from 0 to the end, the hardest passages, and why there are none."""

    sections: tuple[Section, ...] = ()
    passages: tuple[Passage, ...] = ()
    absences: Mapping[Finding, Reason] = field(default_factory=dict)


def hear_form(features: Features, beats: Beats | None, seconds: float, chords: Sequence[Chord] = ()) -> Form:
    """The form of a track of that many seconds. Without beats its sections are not snapped to bars, and it has no passages.

    `chords` of the whole track, if there are any, tell sections apart.
    """
    if not features.audible:
        return Form(absences={"sections": "silent", "passages": "silent"})
    downbeats = beats.downbeats if beats else ()
    end = min(seconds, features.sounds_until)
    bounds = bar_bounds([at for at in downbeats if at < end], end)
    sections, no_sections = _sections(features, bounds, downbeats, seconds, chords)
    passages, no_passages = _passages(features, bounds, downbeats)
    absences: dict[Finding, Reason] = {}
    if no_sections:
        absences["sections"] = no_sections
    if no_passages:
        absences["passages"] = no_passages
    return Form(sections, passages, absences)


def _sections(
    features: Features, bounds: Signal, downbeats: tuple[float, ...], seconds: float, chords: Sequence[Chord]
) -> tuple[tuple[Section, ...], Reason | None]:
    if len(bounds) <= _FEWEST_BARS:
        return (), "too_short"
    bounds = bounds[:: 1 + (len(bounds) - 2) // _MOST_BARS]
    found = sections_between(features, bounds, chords, regular=len(downbeats) > 1)
    if len(found) < 2:
        return (), "no_form"
    edges = [0.0, *(float(bounds[section.first]) for section in found[1:]), seconds]
    return tuple(
        Section(start, end, section.letter, _count(downbeats, start, end), section.confidence)
        for section, (start, end) in zip(found, pairwise(edges), strict=True)
    ), None


def _passages(
    features: Features, bounds: Signal, downbeats: tuple[float, ...]
) -> tuple[tuple[Passage, ...], Reason | None]:
    if not downbeats:
        return (), "no_pulse"
    found = hardest_passages(features, bounds)
    return found, None if found else "too_short"


def _count(downbeats: tuple[float, ...], start: float, end: float) -> int:
    return int(np.searchsorted(downbeats, end) - np.searchsorted(downbeats, start))
