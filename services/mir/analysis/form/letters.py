"""Which parts of a song are alike: one letter each.

Parts whose bars are alike, place by place, get one letter (average-linkage clustering). Where the chords are known they
count most, for they repeat exactly where melodies vary.
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

__all__ = ["letters"]

Signal = NDArray[np.float64]

_PHRASE: Final = 4  # bars, which parts are compared by


def letters(alike: Signal, bounds: Sequence[int], unlike: float) -> list[str]:
    """The letter of each part, A for the first; beyond Z it is Z for all.

    `alike` (bars, bars), in [0, 1]; `bounds` as `parts` gives them; parts of one letter are less unlike than `unlike`.
    """
    spans = [np.arange(first, end) for first, end in pairwise(bounds)]
    if len(spans) < 2:
        return ["A"] * len(spans)
    distance = np.array([[1 - _best_aligned(alike[np.ix_(one, other)]) for other in spans] for one in spans])
    distance = (distance + distance.T) / 2
    np.fill_diagonal(distance, 0.0)
    groups = hierarchy.fcluster(hierarchy.linkage(squareform(distance), "average"), unlike, "distance")
    order = list(dict.fromkeys(groups.tolist()))
    return [ascii_uppercase[min(order.index(group), len(ascii_uppercase) - 1)] for group in groups.tolist()]


def _best_aligned(alike: Signal) -> float:
    """The mean likeness of the bars of two parts at the same place of a phrase, wherever in it each part begins."""
    rows, columns = alike.shape
    apart = (np.arange(rows)[:, None] - np.arange(columns)[None, :]) % _PHRASE
    return max(float(alike[apart == shift].mean()) for shift in np.unique(apart))
