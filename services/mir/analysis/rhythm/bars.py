"""Which beats begin a bar, in a given metre.

Each beat by itself is a downbeat with the odds of a logistic regression on what is heard on it and on its neighbours; the
likeliest bars then follow from a hidden Markov model whose states are the places in a bar (M. Goto, "An audio-based real-time
beat tracking system for music with or without drum-sounds", JNMR 2001, in the form of Krebs, Böck, Widmer 2015).
"""

from __future__ import annotations

from typing import Final

import numba
import numpy as np
from numpy.typing import NDArray

__all__ = ["NEIGHBOURHOOD", "downbeat_odds", "neighbourhoods", "place_bars"]

Signal = NDArray[np.float32]

NEIGHBOURHOOD: Final = 4
"""A beat is heard together with so many on each side."""

_SLIP: Final = 8.0  # cost, in nats, of a bar that is too long or too short


def neighbourhoods(strengths: Signal) -> Signal:
    """The cues (beats, 6) of each beat and its neighbours, less their mean: (beats, (2 x NEIGHBOURHOOD + 1) x 6)."""
    centred = strengths - strengths.mean(axis=0)
    padded = np.pad(centred, ((NEIGHBOURHOOD, NEIGHBOURHOOD), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * NEIGHBOURHOOD + 1, axis=0)
    return windows.transpose(0, 2, 1).reshape(len(strengths), -1)


def downbeat_odds(strengths: Signal, weights: Signal, bias: float) -> Signal:
    """The log odds (beats,) that each beat is a downbeat."""
    return neighbourhoods(strengths) @ weights + np.float32(bias)


def place_bars(odds: Signal, beats_per_bar: int) -> tuple[NDArray[np.int64], float]:
    """The likeliest places in the bar (beats,), from 1, and their mean log-likelihood per beat."""
    inside = -np.logaddexp(0.0, odds)
    places, likelihood = _viterbi((odds + inside).astype(np.float64), inside.astype(np.float64), beats_per_bar, _SLIP)
    return places + 1, likelihood / max(1, len(odds))


@numba.njit(cache=True)
def _viterbi(
    first: NDArray[np.float64], other: NDArray[np.float64], length: int, slip: float
) -> tuple[NDArray[np.int64], float]:
    """The best path through the places of a bar; `first` and `other` are the log-likelihoods of downbeats and of the rest."""
    count = len(first)
    scores = np.zeros(length)
    origins = np.zeros((count, length), np.int64)
    for beat in range(count):
        leap = int(np.argmax(scores))
        following = np.zeros(length)
        for place in range(length):
            origin = (place - 1) % length
            if scores[leap] - slip > scores[origin]:
                following[place] = scores[leap] - slip
                origin = leap
            else:
                following[place] = scores[origin]
            following[place] += first[beat] if place == 0 else other[beat]
            origins[beat, place] = origin
        scores = following
    places = np.zeros(count, np.int64)
    place = int(np.argmax(scores))
    highest = scores[place]
    for beat in range(count - 1, -1, -1):
        places[beat] = place
        place = int(origins[beat, place])
    return places, highest
