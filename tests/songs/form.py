"""The form of a song: its sections, who plays in each, and the key that each is in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from tests.songs.recipes import Recipe

__all__ = ["Form", "Section", "draw_form"]

_LABELS: Final = ("A", "B", "A", "C", "A", "B", "A", "C")


@dataclass(frozen=True)
class Section:
    """Bars `first` to `first + bars` of one label; `tonic` is a pitch class, `players` are stems."""

    label: str
    first: int
    bars: int
    tonic: int
    players: frozenset[str]


@dataclass(frozen=True)
class Form:
    """The sections in order; at bar `turn`, where a section begins, the tempo may step and the key may move."""

    sections: tuple[Section, ...]
    turn: int

    @property
    def bars(self) -> int:
        """Of the whole song."""
        return self.sections[-1].first + self.sections[-1].bars


def draw_form(recipe: Recipe, rng: np.random.Generator) -> Form:
    """Lay out the song: an intro, then sections of four or eight bars."""
    bar = 60.0 / recipe.bpm * recipe.beats_per_bar
    count = max(10, round(recipe.seconds / bar))
    length = 4 if bar > 1.6 else 8
    bounds = sorted({0, 4, *range(4 if recipe.intro != "full" else 0, count - length // 2, length)})
    turn = _turn(bounds, count, rng)
    quiet = int(rng.integers(2, len(bounds))) if recipe.breakdown and len(bounds) > 3 else None
    sections = []
    for n, (first, end) in enumerate(zip(bounds, [*bounds[1:], count], strict=True)):
        label = "intro" if first == 0 and recipe.intro != "full" else _LABELS[n % len(_LABELS)]
        tonic = (recipe.tonic + (recipe.modulation if first >= turn else 0)) % 12
        sections.append(Section(label, first, end - first, tonic, _players(recipe, label, breakdown=n == quiet)))
    return Form(tuple(sections), turn)


def _turn(bounds: list[int], count: int, rng: np.random.Generator) -> int:
    """Where the song turns: so that one side of it is clearly the longer."""
    inner = bounds[1:]
    fit = [at for at in inner if 0.2 <= at / count <= 0.42 or 0.58 <= at / count <= 0.8]
    return int(rng.choice(fit)) if fit else min(inner, key=lambda at: abs(at / count - 0.65))


def _players(recipe: Recipe, label: str, *, breakdown: bool) -> frozenset[str]:
    everybody = {"chords"}
    everybody |= {"drums"} if recipe.drums else set()
    everybody |= {"bass"} if recipe.bass else set()
    everybody |= {"lead"} if recipe.lead != "none" else set()
    if label == "intro":
        return frozenset({"drums"} if recipe.intro == "drums" else {"chords"})
    return frozenset(everybody - {"drums"} if breakdown else everybody)
