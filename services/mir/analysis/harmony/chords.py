"""Chords over time, from what the chord network hears frame by frame.

A hidden Markov model whose states are the chords: the network's probabilities as likelihoods, and a price for every
change (as the decoder of J. Jiang et al., ISMIR 2019), which is lower on beats and lowest on downbeats. Changes off the
beat cost more, but are heard where the sound insists.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.mir.analysis.activations import CHORD_FRAMES_PER_SECOND, ChordActivations
from services.mir.analysis.findings import Beats, Chord
from services.mir.analysis.harmony.decoding import likeliest_path
from services.mir.analysis.harmony.evidence import chord_evidence
from services.mir.analysis.harmony.vocabulary import quality_of, root_of

__all__ = ["hear_chords"]

# Nats, the prices of a change: anywhere if no beats are known; else off the beats, on them, and where bars or their halves begin.
_ANYWHERE: Final = 16.0
_OFF_BEAT, _ON_BEAT, _STRONG_BEAT = 20.0, 10.0, 5.0
_CAUTION: Final = 1.5  # fitted to songs: what is said with 0.8 is right, root and quality, 19 times in 20
_SNAP_SECONDS: Final = 0.06  # a change this near to a beat is on it


def hear_chords(heard: ChordActivations, beats: Beats | None, seconds: float) -> tuple[Chord, ...]:
    """The chords of a track from its beginning to its end at `seconds`, without gaps; none for no frames."""
    evidence = chord_evidence(heard)
    if not len(evidence) or seconds <= 0:
        return ()
    path = likeliest_path(evidence, _prices(len(evidence), beats))
    firsts = np.flatnonzero(np.diff(path, prepend=-1))
    starts = _on_beats(firsts / CHORD_FRAMES_PER_SECOND, beats)
    starts[0] = 0.0
    held = starts < seconds
    states, starts = path[firsts[held]], starts[held]
    ends = np.append(starts[1:], seconds)
    beliefs = _beliefs(evidence, path, firsts)[held]
    return tuple(
        Chord(float(start), float(end), root_of(int(state)), quality_of(int(state)), float(belief))
        for start, end, state, belief in zip(starts, ends, states, beliefs, strict=True)
        if start < end
    )


def _prices(frames: int, beats: Beats | None) -> NDArray[np.float64]:
    """What a change costs at each frame (frames,)."""
    if beats is None or len(beats.seconds) < 2:
        return np.full(frames, _ANYWHERE)
    prices = np.full(frames, _OFF_BEAT)
    at, position = np.asarray(beats.seconds), np.asarray(beats.positions)
    strong = (position == 1) | (2 * (position - 1) == position.max())
    nearest = np.round(at * CHORD_FRAMES_PER_SECOND).astype(np.int64)
    inside = (nearest >= 0) & (nearest < frames)
    prices[nearest[inside]] = np.where(strong, _STRONG_BEAT, _ON_BEAT)[inside]
    return prices


def _on_beats(times: NDArray[np.float64], beats: Beats | None) -> NDArray[np.float64]:
    """The times, those near a beat moved on to it."""
    if beats is None or not beats.seconds:
        return times.copy()
    at = np.asarray(beats.seconds)
    nearest = at[np.abs(times[:, None] - at[None, :]).argmin(axis=1)]
    return np.where(np.abs(nearest - times) <= _SNAP_SECONDS, nearest, times)


def _beliefs(evidence: NDArray[np.float32], path: NDArray[np.int64], firsts: NDArray[np.int64]) -> NDArray[np.float64]:
    """How sure each chord is (chords,): the mean probability of its state, less where that is middling."""
    own = np.exp(evidence[np.arange(len(path)), path].astype(np.float64))
    lengths = np.diff(np.append(firsts, len(path)))
    beliefs: NDArray[np.float64] = (np.add.reduceat(own, firsts) / lengths) ** _CAUTION
    return beliefs
