"""Chord progressions that are in a key beyond doubt, in all the rhythms in which chords change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from tests.songs.form import Form, Section
from tests.songs.recipes import Recipe
from tests.songs.sounds import choose
from tests.songs.truth import Mode

__all__ = ["INTERVALS", "SCALES", "Change", "harmonise"]

Degree = tuple[int, str]

INTERVALS: Final[Mapping[str, tuple[int, ...]]] = {
    "maj": (0, 4, 7),
    "min": (0, 3, 7),
    "dim": (0, 3, 6),
    "7": (0, 4, 7, 10),
    "maj7": (0, 4, 7, 11),
    "min7": (0, 3, 7, 10),
}
"""Semitones above the root, by quality."""

SCALES: Final[Mapping[Mode, tuple[int, ...]]] = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
}

# As (semitones above the tonic, quality). Each begins or ends on the tonic, and its dominant confirms it.
_PROGRESSIONS: Final[Mapping[Mode, tuple[tuple[Degree, ...], ...]]] = {
    "major": (
        ((0, "maj"), (7, "maj"), (9, "min"), (5, "maj")),
        ((0, "maj"), (9, "min"), (5, "maj"), (7, "maj")),
        ((0, "maj"), (5, "maj"), (0, "maj"), (7, "maj")),
        ((0, "maj"), (4, "min"), (5, "maj"), (7, "maj")),
        ((0, "maj"), (2, "min"), (5, "maj"), (7, "maj")),
        ((0, "maj"), (9, "min"), (2, "min"), (7, "maj")),
        ((2, "min"), (7, "maj"), (0, "maj"), (0, "maj")),
        ((0, "maj"), (0, "maj"), (5, "maj"), (7, "maj")),
        ((0, "maj"), (11, "dim"), (9, "min"), (7, "maj")),
    ),
    "minor": (
        ((0, "min"), (8, "maj"), (5, "min"), (7, "maj")),
        ((0, "min"), (5, "min"), (0, "min"), (7, "min")),
        ((0, "min"), (10, "maj"), (8, "maj"), (7, "maj")),
        ((0, "min"), (8, "maj"), (5, "min"), (7, "min")),
        ((0, "min"), (0, "min"), (5, "min"), (7, "maj")),
        ((2, "dim"), (7, "maj"), (0, "min"), (0, "min")),
        ((0, "min"), (3, "maj"), (5, "min"), (7, "maj")),
    ),
}
# Not the dominant of the dominant: where that is heard again and again, the dominant is the key.
_BORROWED: Final[Mapping[Mode, tuple[Degree, ...]]] = {
    "major": ((5, "min"), (10, "maj"), (8, "maj"), (3, "maj"), (5, "min")),
    "minor": ((5, "maj"), (1, "maj"), (5, "maj"), (7, "maj")),
}


@dataclass(frozen=True)
class Change:
    """A chord from one place in the score to another, in beats from the first downbeat."""

    start: float
    end: float
    root: int
    quality: str
    tonic: int


def harmonise(recipe: Recipe, form: Form, rng: np.random.Generator) -> tuple[Change, ...]:
    """The chords of the song. Sections of one label share their progression, borrowed chords and sevenths."""
    loops = {section.label: _loop(recipe, rng) for section in form.sections}
    found = [change for section in form.sections for change in _section(recipe, section, loops[section.label])]
    return tuple(found)


def _loop(recipe: Recipe, rng: np.random.Generator) -> tuple[Degree, ...]:
    loop = list(choose(rng, _PROGRESSIONS[recipe.mode]))
    if recipe.borrowed:
        places = [n for n, degree in enumerate(loop) if degree[0] not in (0, 7)]
        loop[choose(rng, places) if places else 1] = choose(rng, _BORROWED[recipe.mode])
    return tuple(_seventh(degree, rng) for degree in loop) if recipe.sevenths else tuple(loop)


def _seventh(degree: Degree, rng: np.random.Generator) -> Degree:
    """The seventh chord that belongs on this degree, three times in four."""
    root, quality = degree
    if quality == "dim" or rng.random() < 0.25:
        return degree
    above = {"min": "min7", "maj": "7" if root in (7, 2, 10) else "maj7"}
    return root, above[quality]


def _section(recipe: Recipe, section: Section, loop: tuple[Degree, ...]) -> Iterator[Change]:
    starts = _starts(recipe, section)
    last = float((section.first + section.bars) * recipe.beats_per_bar)
    early = _anticipation(recipe)
    for n, start in enumerate(starts):
        end = starts[n + 1] if n + 1 < len(starts) else last
        root, quality = loop[n % len(loop)]
        opens, closes = start == 0, n + 1 == len(starts)
        begin = start if opens or n == 0 else start - early
        yield Change(begin, end if closes else end - early, (section.tonic + root) % 12, quality, section.tonic)


def _anticipation(recipe: Recipe) -> float:
    """How many beats before its place a chord sounds."""
    if recipe.chord_rhythm != "anticipated":
        return 0.0
    return 1 / 3 if recipe.metre == (6, 8) else 0.5


def _starts(recipe: Recipe, section: Section) -> list[float]:
    """Where chords change in a section, before any anticipation."""
    bar = recipe.beats_per_bar
    places: Mapping[str, tuple[tuple[float, ...], ...]] = {
        "bar": ((0,),),
        "anticipated": ((0,),),
        "two bars": ((0,), ()),
        "half": ((0, 1),) if bar == 2 else ((0, 2),),
        "uneven": {2: ((0, 4 / 3), (0,)), 3: ((0, 2), (0,)), 4: ((0, 2.5), (0,))}[bar],
    }
    pattern = places[recipe.chord_rhythm]
    numbers = range(section.bars)
    return [(section.first + n) * bar + place for n in numbers for place in pattern[n % len(pattern)]]
