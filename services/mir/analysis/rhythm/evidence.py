"""What speaks for a row of beats: how strongly things begin on them, between them, and on every second, third or fourth.

The levels of a metre show as onsets at the fractions of a beat (G. Peeters, "Template-based estimation of time-varying
tempo", EURASIP JASP 2007) and as likeness of every n-th beat, as kick and snare take turns.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

from services.mir.analysis.rhythm.decoding import FRAMES_PER_SECOND, beat_rewards
from services.mir.analysis.rhythm.onsets import ONSETS_PER_SECOND

__all__ = ["Heard", "clarity", "compressed", "likeness", "listen", "on_beats", "profile"]

Signal = NDArray[np.float32]

_NEAR: Final = 0.02  # seconds around a moment that count as it
_LEAST_BELIEF: Final = 1.25  # of the track's mean: noise has up to 1.1, most songs 2 and more, in one phase or another
_LEAST_ONSET: Final = 0.05  # of the track's mean: songs that are understood have 0.1 and more on three beats of four


@dataclass(frozen=True)
class Heard:
    """What a row of beats is judged by, at `decoding.FRAMES_PER_SECOND`.

    `cues` (frames, 6): onsets low, middle and high; beat and downbeat activation; harmonic change. Each is the strongest within
    20 ms, over the track's mean. `rewards` (frames,): see `decoding.beat_rewards`.
    """

    rewards: Signal
    cues: Signal


def listen(activations: Signal, onsets: Signal, harmonic_change: Signal | None = None) -> Heard:
    """Bring beat activations (frames, 2) at 50 fps, `onset_bands` and harmonic change (frames,) at 50 fps together."""
    frames = 2 * len(activations)
    change = np.ones(len(activations), np.float32) if harmonic_change is None else harmonic_change
    slow = [_twice(signal, frames) for signal in (activations[:, 0], activations[:, 1], change)]
    times = np.arange(frames) / FRAMES_PER_SECOND
    near = np.minimum(np.rint(times * ONSETS_PER_SECOND).astype(int), len(onsets) - 1)
    quick = scipy.ndimage.maximum_filter1d(onsets, 2 * round(_NEAR * ONSETS_PER_SECOND) + 1, axis=0)[near]
    slow = [scipy.ndimage.maximum_filter1d(signal, 2 * round(_NEAR * FRAMES_PER_SECOND) + 1) for signal in slow]
    cues = np.column_stack([quick, *slow])
    return Heard(beat_rewards(activations[:, 0]), (cues / np.maximum(cues.mean(axis=0), 1e-6)).astype(np.float32))


def on_beats(heard: Heard, beats: NDArray[np.int64]) -> Signal:
    """The cues (beats, 6) on each beat, compressed: 0 stands for the track's mean."""
    return compressed(heard.cues[beats])


def profile(heard: Heard, beats: NDArray[np.int64]) -> Signal:
    """The mean cues (12, 6) at the twelfths of a beat, compressed: 0 stands for the track's mean."""
    twelfths = np.arange(12) / 12
    moments = beats[:-1, None] + np.diff(beats)[:, None] * twelfths
    return compressed(heard.cues[np.rint(moments).astype(int)].mean(axis=0))


def likeness(strengths: Signal, lags: tuple[int, ...]) -> Signal:
    """How alike every n-th beat is: autocorrelation (lags, 6) of the cues (beats, 6), their slow changes taken away."""
    centred = strengths - scipy.ndimage.uniform_filter1d(strengths, 12, axis=0, mode="nearest")
    energy = np.maximum((centred**2).sum(axis=0), 1e-6)
    return np.stack([(centred[lag:] * centred[:-lag]).sum(axis=0) / energy for lag in lags])


def clarity(heard: Heard, beats: NDArray[np.int64]) -> float:
    """How clearly the beats can be heard, in [0, 1]; 0 if there is no pulse.

    There is none if the network believes no more in these beats than in other moments, as in noise and held notes, or if
    nothing begins on many of them, as where sounds fall at random. Clear is what the network denies few of.
    """
    onsets, belief = heard.cues[beats, :3].mean(axis=1), heard.cues[beats, 3]
    if belief.mean() < _LEAST_BELIEF or np.percentile(onsets, 25) < _LEAST_ONSET:
        return 0.0
    return float((heard.rewards[beats] > 0).mean() ** 2)


def compressed(cues: Signal) -> Signal:
    """The logarithm of cues, in which silence is not infinitely far away; 0 stands for the track's mean."""
    logarithm: Signal = np.log((cues + 0.1) / 1.1)
    return logarithm


def _twice(signal: Signal, frames: int) -> Signal:
    """The signal at twice its rate."""
    return np.interp(np.arange(frames) / 2, np.arange(len(signal)), signal).astype(np.float32)
