"""Where the parts of a song begin.

A part is taken for a loop of one, two, four or eight bars, and the song is cut so that loops and departures from them are
the shortest description of it (J. Rissanen, "Modeling by shortest data description", Automatica 1978; for songs, F. Bimbot
et al., "System & Contrast", Music Perception 2016). So a progression that goes round is one part however different its bars
are, and a boundary is where another loop explains the bars better, where other instruments play, or where players announce
one (`cues`). Parts of a multiple of four bars cost least (G. Sargent, F. Bimbot and E. Vincent, "A regularity-constrained
Viterbi algorithm and its application to the structural segmentation of songs", ISMIR 2011).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["Description", "describe"]

Signal = NDArray[np.float64]
Counts = NDArray[np.intp]

# Fitted to the tuning half's composed songs; those of one loop were to remain in one part.
_LOOPS: Final = (1, 2, 4, 8)  # bars
_LOOP_COST: Final = 0.34  # of every bar of a loop, in bars that are like no other
_PART_COST: Final = 0.1  # of every part in a short song
_LONG_COST: Final = (
    0.8  # more for every e-fold of length: to say where a part begins takes the more, the longer the song
)
_SHORT_SONG: Final = 30  # bars
_ODD_COST: Final = 2.0  # of a part of 5, 7, 9 ... bars; of 6, 10, ... bars half of it
_SHORTEST: Final = 3  # bars
_SHORTEST_END: Final = 2  # bars of what begins or ends a song
_LONGEST: Final = 64


@dataclass(frozen=True)
class Description:
    """What it costs to describe every part that a song might have.

    `pieces`: for each bar, as the end of a part, the bars in which that could begin, and the cost of each such part.
    """

    pieces: tuple[tuple[Counts, Signal], ...]

    def parts(self, cues: Signal) -> list[int]:
        """The bars in which parts begin, and behind them how many bars there are; for no bars just 0.

        `cues` (bars + 1,): what speaks for a boundary, in bars that are like no other.
        """
        return self._shortest(cues)[0]

    def confidences(self, cues: Signal, firsts: Sequence[int]) -> list[float]:
        """How sure it is that parts begin in these bars of `parts`, in [0, 1): 1 - e^-c, if without it the song costs c more."""
        _, least = self._shortest(cues)
        return [1 - math.exp(least - self._shortest(_silenced(cues, first))[1]) for first in firsts]

    def _shortest(self, cues: Signal) -> tuple[list[int], float]:
        least, previous = np.zeros(len(self.pieces) + 1), np.zeros(len(self.pieces) + 1, np.intp)
        for end, (starts, pieces) in enumerate(self.pieces, 1):
            costs = least[starts] - cues[starts] + pieces
            best = int(np.argmin(costs))
            least[end], previous[end] = costs[best], starts[best]
        bounds = [len(self.pieces)]
        while bounds[-1] > 0:
            bounds.append(int(previous[bounds[-1]]))
        return bounds[::-1], float(least[-1])


def describe(alike: Signal, *, regular: bool) -> Description:
    """`alike` (bars, bars), in [0, 1]; `regular` if the bars were measured, so that they can be expected to come in fours."""
    count = len(alike)
    loops = [(loop, _summed(alike, loop)) for loop in _LOOPS]
    part_cost = _PART_COST + _LONG_COST * math.log(max(count, _SHORT_SONG) / _SHORT_SONG)
    pieces = []
    for end in range(1, count + 1):
        starts = np.arange(max(0, end - _LONGEST), end)
        at_edge = (starts == 0) | (end == count)
        costs = part_cost + np.min([_cost(sums, loop, starts, end) for loop, sums in loops], axis=0)
        costs += regular * _irregularity(end - starts, at_edge)
        costs[end - starts < np.where(at_edge, _SHORTEST_END, _SHORTEST)] = np.inf
        pieces.append((starts, costs))
    return Description(tuple(pieces))


def _silenced(cues: Signal, bar: int) -> Signal:
    """The same, but nothing can begin in this bar."""
    silenced = cues.copy()
    silenced[bar] = -np.inf
    return silenced


def _summed(alike: Signal, loop: int) -> Signal:
    """The summed-area table (bars + 1, bars + 1) of the likeness of bars that have the same place in a loop."""
    bar = np.arange(len(alike))
    same_place = (bar[:, None] - bar[None, :]) % loop == 0
    return np.pad((alike * same_place).cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))


def _cost(sums: Signal, loop: int, starts: Counts, end: int) -> Signal:
    """Of describing the bars from each of `starts` to `end` as one loop: its own bars, and what departs from them.

    What departs is the scatter within each place of the loop, as in kernel k-means.
    """
    length = end - starts
    within = sums[end, end] - sums[starts, end] - sums[end, starts] + sums[starts, starts]
    rounds = np.ceil(length / loop)
    cost: Signal = length - within / rounds + _LOOP_COST * np.minimum(loop, length)
    return cost


def _irregularity(bars: Counts, at_edge: NDArray[np.bool_]) -> Signal:
    """What the length of a part costs. What begins or ends a song may be cut off: half."""
    odd = np.where(bars % 4 == 0, 0.0, np.where(bars % 2 == 0, 0.5, 1.0))
    cost: Signal = _ODD_COST * odd * np.where(at_edge, 0.5, 1.0)
    return cost
