"""Pairs of composed songs, of which everything is known: up to 20 % apart in tempo, each drifting by about 1 %."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import count
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bench.mir.ours import both
from services.fusion.mixing.planning.material import Key, StemFacts, Track
from services.fusion.mixing.planning.wish import StemWish
from services.fusion.mixing.sources import ArraySource
from tests.songs import Recipe, Song, compose_song, draw_recipe

__all__ = ["Pcm", "Piece", "pairs"]

Pcm = NDArray[np.float32]

_FARTHEST: Final = 0.2
_DRIFT: Final = 0.01
_ROLES: Final = {"lead": "vocals", "drums": "drums", "bass": "bass"}


@dataclass(frozen=True)
class Piece:
    """A composed song, as fusion is told of it."""

    name: str
    seed: int
    recipe: Recipe

    @cached_property
    def song(self) -> Song:
        """Its sound and its truth."""
        return compose_song(self.seed, self.recipe)

    @property
    def seconds(self) -> float:
        """Its length."""
        return len(self.song.mix) / self.song.sample_rate

    @cached_property
    def true(self) -> Track:
        """What is true of it."""
        truth = self.song.truth
        downbeats, positions, at = set(truth.downbeats), [], 1
        for beat in truth.beats:
            at = 1 if beat in downbeats else at + 1
            positions.append(at)
        key = Key(truth.tonic, truth.mode)
        return self._track(truth.tempo_bpm, truth.beats, tuple(positions), truth.metre[0], key, truth.cents)

    @cached_property
    def heard(self) -> Track:
        """What mir hears in it: its rhythm and its harmony."""
        found = both(np.asarray(self.song.mix, np.float32), self.song.sample_rate)
        beats, key = found.beats, found.key
        return self._track(
            found.tempo.bpm if found.tempo else None,
            beats.seconds if beats else (),
            beats.positions if beats else (),
            found.metre.numerator if found.metre else None,
            Key(key.name.tonic, key.name.mode, key.confidence) if key else None,
            found.tuning_cents or 0.0,
        )

    def stem(self, name: str, role: str | None = None) -> StemWish:
        """A wish for one of its stems, or for another sound of its length."""
        stem_id = f"{self.name}/{name}"
        return StemWish(stem_id, self.name, role or _ROLES.get(name, "other"), self.seconds, self.song.sample_rate)

    def stems(self) -> tuple[StemWish, ...]:
        """Wishes for all of its stems."""
        return tuple(self.stem(name) for name in self.song.stems)

    def sources(self) -> dict[str, ArraySource]:
        """Its stems, by id."""
        stems = {f"{self.name}/{name}": np.asarray(stem, np.float32) for name, stem in self.song.stems.items()}
        return {stem_id: ArraySource(stem, self.song.sample_rate) for stem_id, stem in stems.items()}

    def _track(
        self,
        bpm: float | None,
        beats: tuple[float, ...],
        positions: tuple[int, ...],
        beats_per_bar: int | None,
        key: Key | None,
        cents: float,
    ) -> Track:
        stems = {_ROLES.get(name, "other"): StemFacts() for name in self.song.stems}
        confidence = 0.9 if bpm else 0.0
        return Track(
            self.name, self.seconds, bpm, confidence, beats, positions, beats_per_bar, False, key, cents, stems=stems
        )


def pairs(number: int) -> Iterator[tuple[Piece, Piece]]:
    """So many pairs, always the same: tempi spread evenly from 20 % apart to 20 % apart the other way."""
    seeds = (seed for seed in count(1, 2) if _usable(draw_recipe(seed)))
    for pair in range(number):
        apart = 1 + _FARTHEST * (2 * pair / max(1, number - 1) - 1)
        first_seed, other_seed = next(seeds), next(seeds)
        recipe = _drifting(draw_recipe(first_seed))
        other = replace(_drifting(draw_recipe(other_seed)), bpm=recipe.bpm * apart)
        yield Piece("a", first_seed, recipe), Piece("b", other_seed, other)


def _usable(recipe: Recipe) -> bool:
    """Four beats a bar, and of a tempo that 20 % more or less leave among the usual ones."""
    return recipe.style.metre == (4, 4) and 80 <= recipe.bpm <= 150 and recipe.drums and not recipe.modulation


def _drifting(recipe: Recipe) -> Recipe:
    return replace(recipe, tempo_shape="drift", tempo_change=_DRIFT)
