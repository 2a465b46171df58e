"""Instruments and a room, by plain synthesis. Instruments return mono float64, about 1 at their loudest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

from tests.songs.truth import Signal

__all__ = ["choose", "edges", "hat", "hum", "kick", "place", "pluck", "reverberate", "snare", "strikes"]

_Option = TypeVar("_Option")


def kick(rate: int) -> Signal:
    t = np.arange(round(0.25 * rate)) / rate
    sweep = 48 * t + 110 / 28 * (1 - np.exp(-28 * t))  # falls from 158 to 48 Hz
    body: Signal = np.sin(2 * np.pi * sweep) * np.exp(-14 * t)
    return body * edges(len(t), rate, attack=0.0008)


def snare(rng: np.random.Generator, rate: int) -> Signal:
    t = np.arange(round(0.2 * rate)) / rate
    rattle = np.diff(rng.standard_normal(len(t) + 1)) * 0.35 * np.exp(-22 * t)
    body: Signal = np.sin(2 * np.pi * 185 * t) * np.exp(-30 * t) * 0.6 + rattle
    return body * edges(len(t), rate, attack=0.0005)


def hat(rng: np.random.Generator, rate: int) -> Signal:
    t = np.arange(round(0.06 * rate)) / rate
    hiss: Signal = np.diff(rng.standard_normal(len(t) + 2), n=2) * 0.35 * np.exp(-70 * t)
    return hiss * edges(len(t), rate, attack=0.0003)


def pluck(hertz: float, seconds: float, rate: int, *, partials: int, tilt: float, ring: float) -> Signal:
    """A struck string: partials fall off by `n ** -tilt`, the high ones die sooner."""
    t = np.arange(max(1, round(seconds * rate))) / rate
    out = np.zeros(len(t))
    for n in range(1, partials + 1):
        if n * hertz < 0.45 * rate:
            out += np.sin(2 * np.pi * n * hertz * t) * n**-tilt * np.exp(-ring * n**0.6 * t)
    return out * 0.6 * edges(len(t), rate, attack=0.004, release=0.03)


def hum(rng: np.random.Generator, hertz: float, seconds: float, rate: int) -> Signal:
    """A voice on a vowel: partials under three formants, a vibrato that sets in late, a breath of noise."""
    t = np.arange(max(1, round(seconds * rate))) / rate
    depth = 0.012 * np.clip((t - 0.2) / 0.3, 0, 1)
    scoop = -0.03 * np.exp(-t / 0.03)  # singers reach a note from below
    phase = 2 * np.pi * np.cumsum(hertz * (1 + depth * np.sin(2 * np.pi * 5.4 * t) + scoop)) / rate
    formants = choose(rng, ((730, 1090, 2440), (570, 840, 2410), (530, 1840, 2480)))
    out = 0.01 * rng.standard_normal(len(t))
    for n in range(1, 1 + int(min(0.45 * rate, 4000) // hertz)):
        weight = sum(g / (1 + ((n * hertz - f) / 110) ** 2) for f, g in zip(formants, (1, 0.5, 0.2), strict=True))
        out += (weight + 0.25 / n) * np.sin(n * phase) / n**0.3
    return out * 0.5 * edges(len(t), rate, attack=0.03, release=0.06)


def choose(rng: np.random.Generator, options: Sequence[_Option]) -> _Option:
    return options[int(rng.integers(len(options)))]


def strikes(pattern: str) -> list[tuple[int, float]]:
    """(step, weight) of every struck sixteenth of a pattern."""
    return [(step, {"x": 1.0, "o": 0.5}[mark]) for step, mark in enumerate(pattern) if mark != "."]


def edges(frames: int, rate: int, *, attack: float, release: float = 0.01) -> Signal:
    """An envelope of ones with a linear start and end of the given seconds, so that nothing clicks."""
    n = np.arange(frames)
    rise = np.minimum(1.0, (n + 1) / max(1.0, attack * rate))
    fall = np.minimum(1.0, (frames - n) / max(1.0, release * rate))
    envelope: Signal = rise * fall
    return envelope


def place(out: Signal, start: int, note: Signal, pan: float) -> None:
    """Add a mono note to a track, in stereo panned at constant power, cut off where the song ends."""
    note = note[: max(0, len(out) - start)]
    if out.shape[1] == 1:
        out[start : start + len(note), 0] += note
        return
    angle = (pan + 1) * np.pi / 4
    out[start : start + len(note), 0] += note * np.cos(angle)
    out[start : start + len(note), 1] += note * np.sin(angle)


def reverberate(dry: Signal, rate: int, rng: np.random.Generator, *, wet: float) -> Signal:
    """A room of 0.6 s: decaying noise per channel, convolved block by block, so that long songs fit."""
    length, channels = round(0.6 * rate), dry.shape[1]
    decay = np.exp(-6.9 * np.arange(length) / length)[:, None]
    room = rng.standard_normal((length, channels)) * decay
    room /= np.sqrt(np.sum(room**2, axis=0))
    size = 1 << 18
    block = size - length
    spectrum = np.fft.rfft(room, size, axis=0)
    out = np.concatenate([dry, np.zeros((length, channels))])
    for start in range(0, len(dry), block):
        part = np.fft.irfft(np.fft.rfft(dry[start : start + block], size, axis=0) * spectrum, axis=0)
        part = part[: len(out) - start]
        out[start : start + len(part)] += wet * part
    return out[: len(dry)]
