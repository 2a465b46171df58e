"""The tempo that costs least.

On the axis of log2 tempo a track's damage is a sum of hinges around its own tempo, its half and its double; so the whole cost is
piecewise linear, and its minimum lies where it bends: at a counted tempo, 8 % beside one, or at an end of what is allowed. All of
these are tried: the minimum is exact, whatever lies between. Where the cost is level between two of them, the point half-way is
tried as well: of tempi that cost the same, that one is best which leaves most tracks as they are, then that which bends no track
by much.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf, isclose, log2, sqrt
from typing import Final

from services.fusion.mixing.planning.cost import STRETCH_LIMIT, bent, level_cost
from services.fusion.mixing.planning.errors import PlanError

__all__ = ["LEVELS", "RATIOS", "TARGET_BPM", "Paced", "TempoOption", "tempo_cost", "tempo_options"]

LEVELS: Final = (1.0, 2.0, 0.5)
"""How many times as fast as it was heard a track may be counted."""

TARGET_BPM: Final = (40.0, 240.0)
"""What a song's tempo may be."""

RATIOS: Final = (1 / 3, 3.0)
"""How many times as fast a track may be played to match; the stretcher follows local bends beyond that up to 4."""

_ROUNDING: Final = 1e-9  # of ratios; a track at the end of what is allowed must not fall off by rounding
_USUAL_BPM: Final = 110.0  # which of two equally good tempi: the one nearer to what most music has


@dataclass(frozen=True)
class Paced:
    """A track with a tempo; `weight` is the sum of its voices' stretch weights."""

    track_id: str
    bpm: float
    weight: float
    confidence: float = 1.0


@dataclass(frozen=True)
class TempoOption:
    """A tempo; by track at which level it is counted then and how many times as fast it is played; `cost` in points."""

    bpm: float
    levels: tuple[float, ...]
    ratios: tuple[float, ...]
    cost: float

    @property
    def relative_levels(self) -> tuple[float, ...]:
        """Levels against the first track's: all in double time sounds like none."""
        return tuple(level / self.levels[0] for level in self.levels)

    @property
    def untouched(self) -> tuple[bool, ...]:
        """By track whether it stays as fast as it is."""
        return tuple(isclose(ratio, 1, rel_tol=1e-6) for ratio in self.ratios)

    @property
    def farthest(self) -> float:
        """By how many octaves the track that is bent most is."""
        return max(abs(log2(ratio)) for ratio in self.ratios)


def tempo_cost(tracks: Sequence[Paced], bpm: float, natural: str | None = None) -> TempoOption:
    """What it costs to bring all tracks to a tempo, each at the level that costs least; infinite where one cannot follow.

    The track `natural` is counted as it was heard: the tempo is meant to be its own.
    """
    chosen = [_best_level(track, bpm, (1.0,) if track.track_id == natural else LEVELS) for track in tracks]
    ratios = tuple(bpm / (track.bpm * level) for track, (_, level) in zip(tracks, chosen, strict=True))
    return TempoOption(bpm, tuple(level for _, level in chosen), ratios, sum(cost for cost, _ in chosen))


def tempo_options(tracks: Sequence[Paced], bpm: float | None = None, natural: str | None = None) -> list[TempoOption]:
    """Tempi that tracks (at least one) can be brought to, best first; only `bpm` where it is given.

    They differ in the levels at which tracks are counted against each other, or in which tracks stay as they are.

    Raises:
        PlanError: if no tempo is within reach of all tracks.
    """
    bpms = [bpm] if bpm is not None else list(_candidates(tracks))
    options = [option for one in bpms if (option := tempo_cost(tracks, one, natural)).cost < inf]
    if not options:
        raise _out_of_reach(tracks, bpm)
    unlike: dict[object, TempoOption] = {}
    for option in sorted(options, key=_rank):
        unlike.setdefault((option.relative_levels, option.untouched), option)
    return list(unlike.values())


def _best_level(track: Paced, bpm: float, levels: Sequence[float]) -> tuple[float, float]:
    return min(((_cost_at(track, bpm, level), level) for level in levels), key=lambda pair: pair[0])


def _cost_at(track: Paced, bpm: float, level: float) -> float:
    ratio = bpm / (track.bpm * level)
    if not RATIOS[0] * (1 - _ROUNDING) <= ratio <= RATIOS[1] * (1 + _ROUNDING):
        return inf
    bend = bent(abs(log2(ratio)) / log2(STRETCH_LIMIT))
    return track.weight * bend + level_cost(level, track.weight, track.confidence)


def _rank(option: TempoOption) -> tuple[float, int, float, float]:
    nearest = abs(log2(option.bpm / _USUAL_BPM))
    return round(option.cost, 9), -sum(option.untouched), round(option.farthest, 9), nearest


def _candidates(tracks: Sequence[Paced]) -> Iterator[float]:
    """Every tempo at which the cost may turn upwards, the ends of what is allowed, and what lies half-way between."""
    low, high = TARGET_BPM
    beside = (1.0, STRETCH_LIMIT, 1 / STRETCH_LIMIT, *RATIOS)
    bpms = (track.bpm * level * ratio for track in tracks for level in LEVELS for ratio in beside)
    turns = sorted({low, high, *(bpm for bpm in bpms if low <= bpm <= high)})
    yield from turns
    yield from (sqrt(slower * faster) for slower, faster in pairwise(turns))


def _out_of_reach(tracks: Sequence[Paced], bpm: float | None) -> PlanError:
    slowest, fastest = min(track.bpm for track in tracks), max(track.bpm for track in tracks)
    if bpm is None:
        return PlanError(
            "TEMPI_TOO_FAR_APART",
            f"The tempi of these tracks, {slowest:.0f} to {fastest:.0f} BPM, are too far apart to be matched. Don't match them, "
            "correct the tempo of the track that was heard wrongly, or leave one out.",
            slowest_bpm=slowest,
            fastest_bpm=fastest,
        )
    low, high = fastest * min(LEVELS) * RATIOS[0], slowest * max(LEVELS) * RATIOS[1]
    return PlanError(
        "TARGET_TEMPO_OUT_OF_REACH",
        f"Not every track can be brought to {bpm:.0f} BPM. Choose a tempo between {low:.0f} and {high:.0f} BPM.",
        bpm=bpm,
        low_bpm=low,
        high_bpm=high,
    )
