"""The likeliest path through states, where the price of a change does not depend on the state that is left."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["likeliest_path"]


def likeliest_path(scores: NDArray[np.floating], prices: NDArray[np.float64]) -> NDArray[np.int64]:
    """The state at each step (steps,) that maximises the sum of scores (steps, states) less the prices of changes.

    Viterbi's algorithm. `prices` (steps,) or (steps, states): what it costs to come to a state from another one; since it
    does not depend on which one that is, a step costs O(states).
    """
    steps, states = scores.shape
    stays = np.zeros((steps, states), bool)
    best = np.zeros(steps, np.int64)
    total = np.zeros(states)
    for step in range(steps):
        best[step] = total.argmax()
        changed = total[best[step]] - prices[step]
        stays[step] = total >= changed
        total = np.maximum(total, changed) + scores[step]
        total -= total.max()
    path = np.zeros(steps, np.int64)
    state = int(total.argmax())
    for step in range(steps - 1, -1, -1):
        path[step] = state
        if step and not stays[step, state]:
            state = int(best[step])
    return path
