"""The lines about sections: how sure they are, and what the simplest rivals would have reached."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np

from bench.mir.hearing import Heard
from tests.songs.scoring import begins_right, score_sections

__all__ = ["blocks", "calibration", "sure", "told"]


def told(heard: Sequence[Heard], way: str) -> float | None:
    """The share of the songs of which a way tells sections; None if it never does."""
    told = [bool(each.answers[way].sections) for each in heard]
    return float(np.mean(told)) if any(told) else None


def _sure_sections(heard: Sequence[Heard], way: str) -> list[bool]:
    """Of all sections that are more than 0.8 sure to begin where they do, which do."""
    found = []
    for each in heard:
        answer = each.answers[way]
        right = begins_right(answer.sections, each.piece.truth)
        found += [r for r, sure in zip(right, answer.section_confidences[1:], strict=False) if sure > 0.8]
    return found


def calibration(heard: Sequence[Heard], way: str) -> float | None:
    """How many of the sections that are more than 0.8 sure begin where they are told."""
    right = _sure_sections(heard, way)
    return float(np.mean(right)) if right else None


def sure(heard: Sequence[Heard], way: str) -> float | None:
    """The share of the sections that are so sure, the first of each song left out."""
    told = sum(len(each.answers[way].section_confidences[1:]) for each in heard)
    return len(_sure_sections(heard, way)) / told if told else None


def blocks(bars: int, key: str) -> Callable[[Sequence[Heard], str], float | None]:
    """The mean of `score_sections`' `key` if a section began with every so many `bars` that a way heard."""

    def take(heard: Sequence[Heard], way: str) -> float | None:
        if not any(each.answers[way].downbeats for each in heard):
            return None
        return float(np.mean([score_sections(_every(bars, each, way), each.piece.truth)[key] for each in heard]))

    return take


def _every(bars: int, each: Heard, way: str) -> list[tuple[float, float, str]]:
    edges = [0.0, *each.answers[way].downbeats[bars::bars], each.piece.truth.chords[-1].end]
    return [(start, end, str(n)) for n, (start, end) in enumerate(pairwise(edges))]
