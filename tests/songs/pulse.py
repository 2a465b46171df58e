"""From beats to seconds: the one clock that every player of a song keeps to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tests.songs.recipes import Recipe
from tests.songs.truth import Signal

__all__ = ["Pulse", "keep_time"]


@dataclass(frozen=True)
class Pulse:
    """When the beats are: `seconds` of beat `first` and of every later one; between them time passes evenly."""

    first: int
    seconds: Signal
    swing: float

    def at(self, beat: float) -> float:
        """Seconds of a place in the score, counted in beats from the first downbeat; swung between beats."""
        whole = np.floor(beat)
        part = float(beat - whole)
        late = part * 2 * self.swing if part < 0.5 else self.swing + (part - 0.5) * 2 * (1 - self.swing)
        return float(np.interp(whole - self.first + late, np.arange(len(self.seconds)), self.seconds))


def keep_time(recipe: Recipe, bars: int, turn: int, rng: np.random.Generator) -> Pulse:
    """The pulse of `bars` bars and their pick-up. A tempo that steps does so at the beginning of bar `turn`."""
    beats = bars * recipe.beats_per_bar + recipe.pickup
    bpm = recipe.bpm * _course(recipe, beats, turn * recipe.beats_per_bar + recipe.pickup, rng)
    seconds = recipe.lead_silence + np.concatenate([[0.0], np.cumsum(60.0 / bpm)])
    swing = 0.5 if recipe.metre == (6, 8) else recipe.swing
    return Pulse(-recipe.pickup, seconds, swing)


def _course(recipe: Recipe, beats: int, turn: int, rng: np.random.Generator) -> Signal:
    """The tempo of every beat as a multiple of the first one's."""
    course: Signal = np.ones(beats)
    if recipe.tempo_shape == "ramp":
        course = np.geomspace(1.0, recipe.tempo_change, beats)
    if recipe.tempo_shape == "step":
        course[turn:] = recipe.tempo_change
    if recipe.tempo_shape == "drift":
        course = 1.0 + recipe.tempo_change * _wander(beats, rng)
    return course


def _wander(beats: int, rng: np.random.Generator) -> Signal:
    """A random walk around 0 that forgets within a dozen beats, within -2 and 2, as players without a click drift."""
    walk = np.zeros(beats)
    for n in range(1, beats):
        walk[n] = 0.92 * walk[n - 1] + 0.39 * rng.standard_normal()
    return np.clip(walk, -2, 2)
