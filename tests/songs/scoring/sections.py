"""How right sections are, by mir_eval."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import mir_eval
import numpy as np

from tests.songs.scoring.answers import Span
from tests.songs.truth import Truth

__all__ = ["begins_right", "score_sections"]

_NEAR: Final = 0.5  # s


def score_sections(sections: Sequence[Span], truth: Truth) -> dict[str, float]:
    """Boundary F within 0.5 s and within 3 s, without those at the song's ends, and pairwise F.

    A song of which no section is told is one section from end to end, without a boundary.
    """
    end = truth.chords[-1].end
    reference, names = _cover([(part.start, part.end, part.label) for part in truth.parts], end)
    estimate, guesses = _cover(sections, end)
    return {
        "sections_f_half": _boundaries_f(reference, estimate, _NEAR),
        "sections_f_three": _boundaries_f(reference, estimate, 3.0),
        "sections_pairwise": float(mir_eval.segment.pairwise(reference, names, estimate, guesses)[2]),
    }


def begins_right(sections: Sequence[Span], truth: Truth) -> list[bool]:
    """For every section but the first whether one begins within 0.5 s of it."""
    true = np.array([part.start for part in truth.parts[1:]])
    return [bool(len(true)) and float(np.abs(true - start).min()) <= _NEAR for start, _, _ in sections[1:]]


def _boundaries_f(reference: Any, estimate: Any, window: float) -> float:
    if len(reference) < 2 or len(estimate) < 2:
        return 0.0
    return float(mir_eval.segment.detection(reference, estimate, window=window, trim=True)[2])


def _cover(sections: Sequence[Span], end: float) -> tuple[Any, list[str]]:
    """Intervals from 0 to the song's end: what begins before or after the first and last bar belongs to them."""
    edges = [0.0, *(start for start, _, _ in sections[1:]), end]
    return np.column_stack([edges[:-1], edges[1:]]), [label for _, _, label in sections] or ["A"]
