"""The parts of a song, and which of them are alike.

Bars are compared by timbre (mel-frequency cepstra) and by harmony (chroma), every one with every other: the self-similarity
matrix of J. Foote, "Automatic audio segmentation using a measure of audio novelty", ICME 2000. A part is then taken for a
loop of one, two, four or eight bars, and the song is cut so that loops and departures from them are the shortest
description of it (J. Rissanen, "Modeling by shortest data description", Automatica 1978; for songs, F. Bimbot et al.,
"System & Contrast", Music Perception 2016). So a progression that goes round is one part however different its bars are, and
a boundary is where another loop explains the bars better, or where other instruments play. Parts whose bars are alike, place
by place, get one letter (average-linkage clustering).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from string import ascii_uppercase
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.cluster import hierarchy
from scipy.spatial.distance import squareform

from services.mir.analysis.form.bars import Bars

__all__ = ["letters", "likeness", "parts"]

Signal = NDArray[np.float64]

# Fitted, with the costs, to synthesised songs: those of one loop were to remain in one part.
_TIMBRE_WIDTHS: Final = (4.0, 9.0)  # dB: the least and the most
_HARMONY_WIDTHS: Final = (0.18, 0.4)  # Hellinger distance
_WIDTH: Final = 1.75  # of the distance to
_REPETITIONS: Final = 3  # bars, the most alike ones
_LOOPS: Final = (1, 2, 4, 8)  # bars
_LOOP_COST: Final = 0.34  # of every bar of a loop, in bars that are like no other
_PART_COST: Final = 0.1  # of every part
_SHORTEST: Final = 4  # bars
_SHORTEST_END: Final = 2  # bars of what begins or ends a song
_LONGEST: Final = 64
_PHRASE: Final = 4  # bars, which parts are compared by
_UNLIKE: Final = 0.25  # parts of one letter are less unlike than this


def likeness(bars: Bars) -> Signal:
    """How alike any two bars are, (bars, bars) in [0, 1], 1 on the diagonal."""
    timbre = _alike(_squared_distances(bars.cepstrum), *_TIMBRE_WIDTHS)
    harmony = _alike(_squared_distances(np.sqrt(bars.chroma)), *_HARMONY_WIDTHS)
    return (timbre + harmony) / 2


def parts(alike: Signal) -> list[int]:
    """The bars in which parts begin, and behind them how many bars there are; for no bars just 0."""
    count = len(alike)
    least, previous = np.zeros(count + 1), np.zeros(count + 1, np.intp)
    loops = [(loop, _summed(alike, loop)) for loop in _LOOPS]
    for end in range(1, count + 1):
        starts = np.arange(max(0, end - _LONGEST), end)
        costs = least[starts] + np.min([_cost(sums, loop, starts, end) for loop, sums in loops], axis=0)
        shortest = np.where((starts == 0) | (end == count), _SHORTEST_END, _SHORTEST)
        costs[end - starts < shortest] = np.inf
        best = int(np.argmin(costs))
        least[end], previous[end] = costs[best], starts[best]
    bounds = [count]
    while bounds[-1] > 0:
        bounds.append(int(previous[bounds[-1]]))
    return bounds[::-1]


def letters(alike: Signal, bounds: Sequence[int]) -> list[str]:
    """The letter of each part, A for the first; beyond Z it is Z for all."""
    spans = [np.arange(first, end) for first, end in pairwise(bounds)]
    if len(spans) < 2:
        return ["A"] * len(spans)
    distance = np.array([[1 - _best_aligned(alike[np.ix_(one, other)]) for other in spans] for one in spans])
    distance = (distance + distance.T) / 2
    np.fill_diagonal(distance, 0.0)
    groups = hierarchy.fcluster(hierarchy.linkage(squareform(distance), "average"), _UNLIKE, "distance")
    order = list(dict.fromkeys(groups.tolist()))
    return [ascii_uppercase[min(order.index(group), len(ascii_uppercase) - 1)] for group in groups.tolist()]


def _alike(distances: Signal, narrowest: float, widest: float) -> Signal:
    """A Gaussian kernel as wide as repetitions of a bar differ in this song: the improvisers' bars never come back the same."""
    nearest = np.sort(distances, axis=1)[:, : _REPETITIONS + 1]  # the first is the bar itself
    usual = float(np.sqrt(np.median(nearest[:, -1])))
    width = float(np.clip(_WIDTH * usual, narrowest, widest))
    alike: Signal = np.exp(-distances / (2 * width**2))
    return alike


def _squared_distances(points: Signal) -> Signal:
    squares = np.square(points).sum(axis=1)
    distances: Signal = np.maximum(0.0, squares[:, None] + squares[None, :] - 2 * points @ points.T)
    return distances


def _summed(alike: Signal, loop: int) -> Signal:
    """The summed-area table (bars + 1, bars + 1) of the likeness of bars that have the same place in a loop."""
    bar = np.arange(len(alike))
    same_place = (bar[:, None] - bar[None, :]) % loop == 0
    return np.pad((alike * same_place).cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))


def _cost(sums: Signal, loop: int, starts: NDArray[np.intp], end: int) -> Signal:
    """Of describing the bars from each of `starts` to `end` as one loop: its own bars, and what departs from them.

    What departs is the scatter within each place of the loop, as in kernel k-means.
    """
    length = end - starts
    within = sums[end, end] - sums[starts, end] - sums[end, starts] + sums[starts, starts]
    rounds = np.ceil(length / loop)
    cost: Signal = length - within / rounds + _LOOP_COST * np.minimum(loop, length) + _PART_COST
    return cost


def _best_aligned(alike: Signal) -> float:
    """The mean likeness of the bars of two parts at the same place of a phrase, wherever in it each part begins."""
    rows, columns = alike.shape
    apart = (np.arange(rows)[:, None] - np.arange(columns)[None, :]) % _PHRASE
    return max(float(alike[apart == shift].mean()) for shift in np.unique(apart))
