"""The automatic plan against an exhaustive search."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from bench.fusion.measure import Measure
from services.fusion.mixing.planning import suggest
from services.fusion.mixing.planning.contributions import contributions
from services.fusion.mixing.planning.material import Key, Track
from services.fusion.mixing.planning.wish import Match, MatchMode, Wish
from tests.unit.fusion.planning.exhaustive import coarseness, least_key_cost, least_tempo_cost
from tests.unit.fusion.planning.songs import BAND, by_id, stem_of, track_of

__all__ = ["planning"]

_PAIRS: Final = 50


def planning() -> Iterator[Measure]:
    """Pairs of tracks in any tempo and key, with any stems chosen."""
    excess = [_excess(np.random.default_rng(seed)) for seed in range(_PAIRS)]
    optimal = sum(points <= 0 for points in excess)
    yield Measure(
        "plans as cheap as an exhaustive search's", f"{_PAIRS} of {_PAIRS}", f"{optimal} of {_PAIRS}", optimal == _PAIRS
    )


def _excess(rng: np.random.Generator) -> float:
    """By how many points the plan costs more than the least, beyond what the search is coarse."""
    tracks = by_id(*(_track(name, rng) for name in "ab"))
    stems = [stem_of(track, role) for track in tracks.values() for role in _roles(rng)]
    wish = Wish(tuple(stems), Match(MatchMode.TEMPO_AND_KEY))
    parts = contributions(wish, tracks)
    paced = [part.paced for part in parts if part.paced]
    pitched = [part.pitched for part in parts if part.pitched]
    least = least_tempo_cost(paced) + (least_key_cost(pitched) if pitched else 0.0)
    return suggest(wish, tracks, 1)[0].cost.total - least - coarseness(paced)


def _track(name: str, rng: np.random.Generator) -> Track:
    key = Key(int(rng.integers(12)), str(rng.choice(["major", "minor"])), float(rng.random()))
    return track_of(name, float(rng.uniform(55, 200)), count=64, key=key, tuning=float(rng.integers(-50, 50)))


def _roles(rng: np.random.Generator) -> list[str]:
    return [str(role) for role in rng.permutation(BAND)[: rng.integers(1, len(BAND) + 1)]]
