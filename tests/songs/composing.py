"""Whole songs from a seed and a recipe."""

from __future__ import annotations

from tests.songs.performing import perform
from tests.songs.recipes import Recipe, draw_recipe
from tests.songs.recording import record
from tests.songs.truth import Song, Truth

__all__ = ["compose_song", "truth_of"]


def compose_song(seed: int, recipe: Recipe | None = None) -> Song:
    """A song of 30 to 50 s in one channel at 44.1 kHz, about a second of work; without a recipe the seed draws its own.

    The same arguments give the same samples on one machine; where fluidsynth is missing, songs of GM sounds are
    synthesised plainly instead, with the same truth.
    """
    recipe = recipe or draw_recipe(seed)
    return record(seed, perform(seed, recipe))


def truth_of(seed: int, recipe: Recipe | None = None) -> Truth:
    """What is true of `compose_song(seed, recipe)`, without making its sound."""
    return perform(seed, recipe or draw_recipe(seed)).truth
