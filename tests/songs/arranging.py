"""What each player plays: notes and strokes, placed in the score in beats from the first downbeat."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from tests.songs.form import Form, Section
from tests.songs.harmony import INTERVALS, SCALES, Change
from tests.songs.recipes import Recipe
from tests.songs.sounds import choose, strikes
from tests.songs.truth import Mode

__all__ = ["Note", "Stroke", "arrange"]


@dataclass(frozen=True)
class Note:
    """A MIDI note: start and length in beats, velocity in [0, 1]."""

    start: float
    length: float
    midi: int
    velocity: float


@dataclass(frozen=True)
class Stroke:
    """A drum by name, at a place in beats, velocity in [0, 1]."""

    start: float
    drum: str
    velocity: float


# By beats a bar: steps as in grooves. `-` holds a note on.
_COMPS: Final[Mapping[str, Mapping[int, tuple[str, ...]]]] = {
    "pad": {4: ("x...............",), 3: ("x...........",), 2: ("x...........",)},
    "stabs": {
        4: ("x.....x.....x...", "x.....x.x.......", "x..x....x.......", "..x...x...x...x."),
        3: ("x.....x.....",),
        2: ("x...x.x.....",),
    },
    "eighths": {4: ("x.x.x.x.x.x.x.x.",), 3: ("x.x.x.x.x.x.",), 2: ("x.x.x.x.x.x.",)},
    "quarters": {4: ("x...x...x...x...",), 3: ("x...x...x...",), 2: ("x.....x.....",)},
    "strum": {
        4: ("x...x.x...x.x.x.", "x...x.o.x...x.o.", "x.x.xoxoxox.xoxo"),
        3: ("x...x.x.x.x.",),
        2: ("x...x.x...x.",),
    },
    "arpeggio": {4: ("x.x.x.x.x.x.x.x.",), 3: ("x.x.x.x.x.x.",), 2: ("x.x.x.x.x.x.",)},
    "offbeats": {4: ("..x...x...x...x.",)},
    "skank": {4: ("..x...x...x...x.", "..xo..xo..xo..xo")},
    "montuno": {4: ("x.x..x.x.x.x..x.x..x.x.x..x.x.x.",)},
    "charleston": {4: ("x.....x.........", "..x...x.......x."), 3: ("x.....x.....",)},
    "oom-pah-pah": {3: ("....x...x...",)},
}
_BASSES: Final[Mapping[int, tuple[str, ...]]] = {
    4: (
        "x..x..x.x..x..x.",
        "x.......x..x....",
        "x.x.x.x.x.x.x.x.",
        "x.....x.x.....x.",
        "x...x...x...x...",
        "x.......x.......",
    ),
    3: ("x...........", "x.......x...", "x...x...x...", "x.....x.x.x."),
    2: ("x.....x.....", "x...x.x...x.", "x.........x.", "x.x.x.x.x.x."),
}
_PHRASES: Final[Mapping[int, tuple[str, ...]]] = {
    4: (
        "x---x-x-x---x---", "x-----x-x-------", "x-x-x---x-x-----", "..x-x-x-----x-x-", "x--x--x-x---x---", "x-------....x-x-",
        "..x-..x-..x-x---", "x-x-xxx-x---....",
    ),
    3: ("x---x---x---", "x-------x-x-", "x-x-x---x---", "..x-x-x-x---", "x-----x-x---", "x-------...."),
    2: ("x---x-x-----", "x-x-x-x---x-", "x-----x-x-x-", "..x-x-x---x-", "x---------..", "x---x-x---x-"),
}  # fmt: skip
_SHORT: Final = ("skank", "stabs", "charleston", "offbeats", "oom-pah-pah")  # chords that may be cut off at once
_SYNCOPATED: Final = (*_SHORT, "montuno")
_WALKING: Final = ("swing", "jazz waltz")
_FILL: Final[Mapping[int, str]] = {4: "........x.o.xoxx", 3: "....x.o.xoxx", 2: "......x.xoxx"}


def arrange(
    recipe: Recipe, form: Form, changes: Sequence[Change], rng: np.random.Generator
) -> tuple[tuple[Stroke, ...], dict[str, tuple[Note, ...]]]:
    """The drums' strokes, and the notes of bass, chords and lead by name."""
    strokes = tuple(_drums(recipe, form, rng)) if recipe.drums else ()
    players: Mapping[str, Callable[[], Iterator[Note]]] = {
        "bass": lambda: _bass(recipe, changes, rng),
        "chords": lambda: _chords(recipe, form, changes, rng),
        "lead": lambda: _lead(recipe, form, changes, rng),
    }
    parts = {name: tuple(n for n in play() if _plays(name, n.start, recipe, form)) for name, play in players.items()}
    return strokes, {name: notes for name, notes in parts.items() if notes}


def _plays(player: str, beat: float, recipe: Recipe, form: Form) -> bool:
    """Whether a player takes part where this beat is; before the first downbeat it is the pick-up."""
    if beat < 0:
        return True
    bar = (beat + 0.51) / recipe.beats_per_bar  # what anticipates a section belongs to it
    return any(s.first <= bar < s.first + s.bars and player in s.players for s in form.sections)


def _drums(recipe: Recipe, form: Form, rng: np.random.Generator) -> Iterator[Stroke]:
    for section in form.sections:
        if "drums" in section.players:
            yield from _drum_section(recipe, section, rng)


def _drum_section(recipe: Recipe, section: Section, rng: np.random.Generator) -> Iterator[Stroke]:
    if rng.random() < 0.6:
        yield Stroke(float(section.first * recipe.beats_per_bar), "crash", 0.7)
    fills = bool(rng.random() < 0.5)
    for bar in range(section.bars):
        at = float((section.first + bar) * recipe.beats_per_bar)
        fill = _FILL[recipe.beats_per_bar] if fills and bar == section.bars - 1 else ""
        for drum, pattern in recipe.style.drums.items():
            for step, weight in _bar_of(pattern, bar, recipe):
                if not (fill and step >= fill.index("x") and drum != "kick"):
                    yield Stroke(at + step / recipe.steps_per_beat, drum, weight * rng.uniform(0.85, 1.0))
        for step, weight in strikes(fill):
            yield Stroke(at + step / recipe.steps_per_beat, "snare" if step % 8 else "tom", 0.9 * weight)


def _bar_of(pattern: str, bar: int, recipe: Recipe) -> list[tuple[int, float]]:
    """The strikes of one bar of a pattern that may be several bars long."""
    size = recipe.beats_per_bar * recipe.steps_per_beat
    start = bar * size % len(pattern)
    return strikes(pattern[start : start + size])


def _rhythm(pattern: str, change: Change, recipe: Recipe) -> list[tuple[float, float, float]]:
    """(start, length, weight) of what is struck under a chord: when it begins, and where the pattern says.

    What an anticipated chord has struck before the beat is tied over it.
    """
    steps = recipe.steps_per_beat
    first, last = int(np.floor(change.start * steps)), int(np.ceil(change.end * steps))
    size = len(pattern)
    places = [
        (n / steps, 1.0 if pattern[n % size] == "x" else 0.6) for n in range(first, last) if pattern[n % size] in "xo"
    ]
    tied = np.ceil(change.start) if change.start % 1 else change.start
    inner = [(at, weight) for at, weight in places if max(change.start, tied) < at < change.end - 1e-6]
    struck = inner if inner and pattern[0] == "." and change.start % 1 == 0 else [(change.start, 1.0), *inner]
    ends = [at for at, _ in struck[1:]] + [change.end]
    return [(at, end - at, weight) for (at, weight), end in zip(struck, ends, strict=True)]


def _bass(recipe: Recipe, changes: Sequence[Change], rng: np.random.Generator) -> Iterator[Note]:
    walking = recipe.groove in _WALKING
    pattern = choose(rng, _BASSES[recipe.beats_per_bar])
    if walking or (not recipe.drums and recipe.comp in _SYNCOPATED):
        pattern = _COMPS["quarters"][recipe.beats_per_bar][0]  # somebody has to play the beat
    for change in changes:
        rhythm = _rhythm(pattern, change, recipe)
        for n, (start, length, weight) in enumerate(rhythm):
            tones = INTERVALS[change.quality]
            interval = (
                tones[n % len(tones)]
                if walking
                else (7 if n and n == len(rhythm) - 1 and change.quality != "dim" else 0)
            )
            yield Note(start, 0.92 * length, 28 + (change.root - 28) % 12 + interval, 0.9 * weight)


def _chords(recipe: Recipe, form: Form, changes: Sequence[Change], rng: np.random.Generator) -> Iterator[Note]:
    """Close position around middle C, an arpeggio note by note; where no bass plays, the left hand adds the root."""
    pattern = choose(rng, _COMPS[recipe.comp][recipe.beats_per_bar])
    lowest = int(rng.integers(50, 60))
    short = recipe.comp in _SHORT and bool(rng.random() < 0.6)
    for change in changes:
        voices = sorted(lowest + (change.root + interval - lowest) % 12 for interval in INTERVALS[change.quality])
        for n, (start, length, weight) in enumerate(_rhythm(pattern, change, recipe)):
            sounding = [_broken(voices, n)] if recipe.comp == "arpeggio" else voices
            held = min(length, 0.4) if short else 0.97 * length
            for midi in sounding:
                yield Note(start, held, midi, weight * rng.uniform(0.85, 1.0))
        if not (recipe.bass and _plays("bass", change.start, recipe, form)):
            yield Note(change.start, 0.97 * (change.end - change.start), 38 + (change.root - 38) % 12, 0.9)


def _broken(voices: list[int], n: int) -> int:
    """The n-th note of an arpeggio up and down."""
    order = [*voices, voices[0] + 12, *reversed(voices[1:])]
    return order[n % len(order)]


def _lead(recipe: Recipe, form: Form, changes: Sequence[Change], rng: np.random.Generator) -> Iterator[Note]:
    """Phrases of four bars that come back with their section; chord notes on beats, the scale between."""
    labels = sorted({section.label for section in form.sections})
    phrases = {label: [choose(rng, _PHRASES[recipe.beats_per_bar]) for _ in range(4)] for label in labels}
    low = int(rng.integers(55, 65))
    melody = _Melody(low, low + 14, recipe.mode, low + 7)
    for n in range(recipe.pickup * 2):
        yield melody.note(n / 2 - recipe.pickup, 0.45, changes[0], rng)
    for section in form.sections:
        for bar in range(section.bars):
            if bar % 4 == 3 and rng.random() < 0.5:
                continue  # singers breathe
            at = float((section.first + bar) * recipe.beats_per_bar)
            for start, length in _held(phrases[section.label][bar % 4], recipe.steps_per_beat):
                yield melody.note(at + start, 0.95 * length, _under(changes, at + start), rng)


def _held(phrase: str, steps: int) -> Iterator[tuple[float, float]]:
    """(start, length) in beats of the notes of a phrase."""
    for n, mark in enumerate(phrase):
        if mark == "x":
            rest = phrase[n + 1 :]
            yield n / steps, (1 + len(rest) - len(rest.lstrip("-"))) / steps


def _under(changes: Sequence[Change], beat: float) -> Change:
    """The chord that sounds at a beat."""
    return next(change for change in changes if beat < change.end)


@dataclass
class _Melody:
    """A line that moves by steps of the scale between two notes."""

    lowest: int
    highest: int
    mode: Mode
    last: int

    def note(self, start: float, length: float, under: Change, rng: np.random.Generator) -> Note:
        """The next note, at this place and under this chord."""
        strong = start % 1 == 0 or length >= 0.9
        tones = {(under.root + interval) % 12 for interval in INTERVALS[under.quality]}
        scale = {(under.tonic + degree) % 12 for degree in SCALES[self.mode]}
        allowed = (
            tones if strong else {tone for tone in scale if all((tone - t) % 12 not in (1, 11) for t in tones)} | tones
        )
        wish = self.last + int(rng.integers(-4, 5))
        near = [midi for midi in range(self.lowest, self.highest + 1) if midi % 12 in allowed]
        self.last = min(near, key=lambda midi: abs(midi - wish))
        return Note(start, length, self.last, float(rng.uniform(0.75, 1.0)))
