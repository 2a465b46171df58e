"""The likeliest beats under what a network heard, given how evenly beats follow each other.

The bar pointer model (N. Whiteley, A. Cemgil, S. Godsill, "Bayesian modelling of temporal structure in musical audio",
ISMIR 2006) with a tempo that changes only at beats (F. Krebs, S. Böck, G. Widmer, "An efficient state-space model for joint
tempo and meter tracking", ISMIR 2015). Since nothing happens between beats, a state is a beat and the interval that led to
it: the same path as that of the whole state space, found with a fraction of the work.
"""

from __future__ import annotations

from typing import Final

import numba
import numpy as np
from numpy.typing import NDArray

__all__ = ["FRAMES_PER_SECOND", "beat_rewards", "decode_beats", "frames_per_beat"]

FRAMES_PER_SECOND: Final = 100

_BEAT_SHARE: Final = 1 / 16  # of the frames are beats, a priori
_LEAST_ODDS: Final = 0.05  # below, the network only says that it hears nothing, not that there is no beat
_UNEVENNESS: Final = 80.0  # cost, in nats, of the log of one interval over the one before
_JUMP: Final = 10.0  # the highest cost, for a new tempo
_NEIGHBOURS: Final = 8  # frames by which intervals may differ without being a jump


def beat_rewards(activations: NDArray[np.float32]) -> NDArray[np.float32]:
    """Log odds (2 x frames,) at `FRAMES_PER_SECOND` of beat probabilities (frames,) at half that rate."""
    frames = len(activations)
    finer = np.interp(np.arange(2 * frames) / 2, np.arange(frames), activations)
    odds = finer / np.maximum(1 - finer, 1e-3) / _BEAT_SHARE
    return np.log(np.maximum(odds, _LEAST_ODDS)).astype(np.float32)


def frames_per_beat(bpm: float) -> float:
    """The length of a beat in frames."""
    return 60.0 * FRAMES_PER_SECOND / bpm


def decode_beats(rewards: NDArray[np.float32], slowest_bpm: float, fastest_bpm: float) -> NDArray[np.int64]:
    """Frames (beats,) of the likeliest beats, all intervals between those of the two tempi, from beginning to end.

    Empty if the track is shorter than the longest beat.
    """
    shortest = max(1, int(frames_per_beat(fastest_bpm)))
    longest = int(np.ceil(frames_per_beat(slowest_bpm)))
    if len(rewards) <= longest:
        return np.zeros(0, np.int64)
    intervals = np.arange(shortest, longest + 1)
    ratios = np.abs(np.log(intervals[:, None] / intervals[None, :]))
    costs = np.minimum(_UNEVENNESS * ratios, _JUMP).astype(np.float32)
    beats: NDArray[np.int64] = _viterbi(rewards, shortest, longest, costs)
    return beats


@numba.njit(cache=True)
def _viterbi(
    rewards: NDArray[np.float32], shortest: int, longest: int, costs: NDArray[np.float32]
) -> NDArray[np.int64]:
    """Maximise the rewards at beats less the costs (intervals, intervals) of changing the interval between them."""
    frames, count = len(rewards), longest - shortest + 1
    scores = np.zeros((longest + 1, count), np.float32)  # of paths ending in a beat at frame % (longest + 1)
    best = np.zeros(longest + 1, np.int64)  # index of the best interval of each of these frames
    origins = np.full((frames, count), -1, np.int16)  # index of the interval before; -1: the first beat
    for frame in range(frames):
        row = frame % (longest + 1)
        for now in range(count):
            start = frame - shortest - now
            if start < 0:
                scores[row, now] = rewards[frame]
                continue
            before = scores[start % (longest + 1)]
            origin = best[start % (longest + 1)]
            score = before[origin] - costs[now, origin]
            for other in range(max(0, now - _NEIGHBOURS), min(count, now + _NEIGHBOURS + 1)):
                candidate = before[other] - costs[now, other]
                if candidate > score:
                    score, origin = candidate, other
            scores[row, now] = score + rewards[frame]
            origins[frame, now] = origin
        best[row] = np.argmax(scores[row])
    return _trace_back(scores, origins, shortest, longest)


@numba.njit(cache=True)
def _trace_back(
    scores: NDArray[np.float32], origins: NDArray[np.int16], shortest: int, longest: int
) -> NDArray[np.int64]:
    """The path to the best last beat: one after which there is no room for another."""
    frames, count = origins.shape
    last, interval, highest = -1, 0, -np.inf
    for frame in range(frames - longest, frames):
        for now in range(count):
            score = scores[frame % (longest + 1), now]
            if frame + shortest + now >= frames and score > highest:
                last, interval, highest = frame, now, score
    path = []
    while last >= 0:
        path.append(last)
        origin = origins[last, interval]
        if origin < 0:
            break
        last -= shortest + interval
        interval = origin
    return np.array(path[::-1], np.int64)
