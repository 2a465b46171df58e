"""From the score to the moment: when and how loudly everything sounds, and the truth about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Final

import numpy as np

from tests.songs.arranging import Note, Stroke, arrange
from tests.songs.form import Form, draw_form
from tests.songs.harmony import Change, harmonise
from tests.songs.pulse import Pulse, keep_time
from tests.songs.recipes import Recipe
from tests.songs.truth import Chord, KeySpan, Part, Truth

__all__ = ["Hit", "Performance", "Tone", "perform"]

_TAIL: Final = 0.4  # seconds after the last bar
_GAP: Final = 1.0  # seconds for which a stem may rest without being inactive


@dataclass(frozen=True)
class Tone:
    """A note that sounds: seconds, MIDI number, velocity in [0, 1]."""

    start: float
    seconds: float
    midi: int
    velocity: float


@dataclass(frozen=True)
class Hit:
    """A drum that is struck: seconds, its name, velocity in [0, 1]."""

    start: float
    drum: str
    velocity: float


@dataclass(frozen=True)
class Performance:
    """Everything that sounds, by stem, and what is true of it. `seconds` is the length of the recording."""

    recipe: Recipe
    hits: tuple[Hit, ...]
    tones: Mapping[str, tuple[Tone, ...]]
    seconds: float
    truth: Truth


def perform(seed: int, recipe: Recipe) -> Performance:
    """Compose and play a song; the same seed and recipe give the same performance. Costs milliseconds: no sound yet."""
    rng = np.random.default_rng([seed, 2])
    form = draw_form(recipe, rng)
    pulse = keep_time(recipe, form.bars, form.turn, rng)
    changes = harmonise(recipe, form, rng)
    strokes, parts = arrange(recipe, form, changes, rng)
    seconds = float(pulse.seconds[-1]) + _TAIL
    hits = tuple(_struck(stroke, pulse, recipe, rng) for stroke in strokes)
    tones = {name: tuple(_sounding(note, pulse, recipe, rng) for note in notes) for name, notes in parts.items()}
    truth = _truth(recipe, form, pulse, changes, seconds)
    active = {name: _spans((tone.start, tone.start + tone.seconds) for tone in part) for name, part in tones.items()}
    active |= {"drums": _spans((hit.start, hit.start + 0.1) for hit in hits)} if hits else {}
    return Performance(recipe, hits, tones, seconds, replace(truth, active=active))


def _struck(stroke: Stroke, pulse: Pulse, recipe: Recipe, rng: np.random.Generator) -> Hit:
    return Hit(_when(stroke.start, pulse, 0.7 * recipe.looseness, rng), stroke.drum, stroke.velocity)


def _sounding(note: Note, pulse: Pulse, recipe: Recipe, rng: np.random.Generator) -> Tone:
    start = _when(note.start, pulse, recipe.looseness, rng)
    return Tone(start, max(0.05, pulse.at(note.start + note.length) - pulse.at(note.start)), note.midi, note.velocity)


def _when(beat: float, pulse: Pulse, looseness: float, rng: np.random.Generator) -> float:
    """Seconds of a place in the score, as exactly as a player keeps to it: the beat itself is where they all aim."""
    error = float(np.clip(rng.standard_normal(), -2.5, 2.5)) * looseness / 1000
    return max(0.0, pulse.at(beat) + error)


def _truth(recipe: Recipe, form: Form, pulse: Pulse, changes: Sequence[Change], seconds: float) -> Truth:
    beats = pulse.seconds[:-1]
    bpm = 60.0 / np.diff(pulse.seconds)
    keys = tuple(_keys(recipe, form, pulse))
    longest = max(keys, key=lambda span: span.end - span.start)
    return Truth(
        tempo_bpm=float(np.median(bpm)),
        tonic=longest.tonic,
        mode=recipe.mode,
        beats=tuple(map(float, beats)),
        downbeats=tuple(map(float, beats[recipe.pickup :: recipe.beats_per_bar])),
        chords=tuple(_chords(form, pulse, changes, recipe, seconds)),
        metre=recipe.metre,
        tempo_curve=tuple(zip(map(float, beats), map(float, bpm), strict=True)),
        keys=keys,
        cents=recipe.cents,
        parts=tuple(Part(*_bounds(pulse, recipe, s.first, s.first + s.bars), s.label) for s in form.sections),
        swing=pulse.swing,
    )


def _bounds(pulse: Pulse, recipe: Recipe, first: int, end: int) -> tuple[float, float]:
    """Seconds of two bar lines."""
    return pulse.at(float(first * recipe.beats_per_bar)), pulse.at(float(end * recipe.beats_per_bar))


def _keys(recipe: Recipe, form: Form, pulse: Pulse) -> Iterator[KeySpan]:
    for tonic, group in groupby(form.sections, key=lambda section: section.tonic):
        sections = list(group)
        start, end = _bounds(pulse, recipe, sections[0].first, sections[-1].first + sections[-1].bars)
        yield KeySpan(start, end, tonic, recipe.mode)


def _chords(form: Form, pulse: Pulse, changes: Sequence[Change], recipe: Recipe, seconds: float) -> Iterator[Chord]:
    """The chords as they sound: nothing before the first, and the last rings to the end."""
    silent = [(s.first, s.first + s.bars) for s in form.sections if "chords" not in s.players]
    at = 0.0
    for change in changes:
        if not any(first * recipe.beats_per_bar <= change.start < end * recipe.beats_per_bar for first, end in silent):
            start, end = pulse.at(change.start), pulse.at(change.end) if change is not changes[-1] else seconds
            if start > at:
                yield Chord(at, start, 0, "N")
            yield Chord(start, end, change.root, change.quality)
            at = end


def _spans(stretches: Iterable[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    """Stretches of seconds, joined where the gap between them is short."""
    spans: list[tuple[float, float]] = []
    for start, end in sorted(stretches):
        if spans and start - spans[-1][1] < _GAP:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((start, end))
    return tuple(spans)
