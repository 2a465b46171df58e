"""Sounds with known truth, and how to measure them again."""

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from services.fusion.mixing.arrangement import Piece
from services.fusion.mixing.sources import ArraySource, Pcm
from services.fusion.mixing.stretching import perform_piece

RATE: Final = 44_100

Signal = NDArray[np.float64]
Anchors = Sequence[tuple[int, float]]


def performed(pcm: Pcm | Signal, anchors: Anchors, *, source_rate: int = RATE, rate: int = RATE, **how: Any) -> Pcm:
    """All that `perform_piece` makes of a source in memory, (frames, channels); a flat array is mono."""
    samples = np.asarray(pcm, np.float32)
    source = ArraySource(samples.reshape(len(samples), -1), source_rate)
    blocks = perform_piece(source, Piece(tuple(anchors)), rate, **how)
    return np.concatenate([np.zeros((0, source.channels), np.float32), *blocks])


def evenly(frames: int, speed: float, *, rate: int = RATE) -> Anchors:
    """A piece of `frames` frames through which a source passes `speed` times as fast as itself, from its beginning."""
    return [(0, 0.0), (frames, frames * speed / rate)]


def tone(frequency: float, seconds: float, *, rate: int = RATE) -> Signal:
    """A sine with an amplitude of 0.3."""
    wave: Signal = 0.3 * np.sin(2 * np.pi * frequency * np.arange(round(seconds * rate)) / rate)
    return wave


def noise(seconds: float, channels: int = 1) -> Signal:
    """White, with a standard deviation of 0.1: (frames, channels)."""
    return np.random.default_rng(1).normal(0, 0.1, (round(seconds * RATE), channels))


def drums(times: Signal, seconds: float) -> Signal:
    """At `times`, in turn, a bass drum, a hi-hat, a snare drum and a hi-hat."""
    wave = np.zeros(round((seconds + 1) * RATE))
    for number, time in enumerate(times):
        start = round(time * RATE)
        hit = _hit(number % 4)
        wave[start : start + len(hit)] += hit
    return wave[: round(seconds * RATE)]


def _hit(which: int) -> Signal:
    t = np.arange(round(0.15 * RATE)) / RATE
    hiss = np.random.default_rng(which).normal(0, 0.4, len(t))
    bass: Signal = np.exp(-40 * t) * np.sin(2 * np.pi * (50 * t + 2 * (1 - np.exp(-60 * t))))
    snare: Signal = np.exp(-60 * t) * hiss + 0.4 * np.exp(-30 * t) * np.sin(2 * np.pi * 190 * t)
    hat: Signal = np.exp(-180 * t) * hiss
    return (bass, hat, snare, hat)[which]


def onset_errors(made: Pcm, source: Signal, times: Signal, placed: Callable[[Signal], Signal]) -> Signal:
    """How many milliseconds later than where a time of the source is `placed` each of its hits begins in what was made."""
    began = np.array([_onset(source, time) for time in times])
    found = np.array([_onset(made[:, 0], time) for time in placed(times)])
    return 1000 * (found - placed(began))


def _onset(wave: NDArray[Any], near: float) -> float:
    """Where within 30 ms of `near` the level (rms over 0.5 ms) first comes to half its highest."""
    first = max(0, round((near - 0.03) * RATE))
    part = np.asarray(wave[first : round((near + 0.03) * RATE)], np.float64)
    span = round(0.0005 * RATE)
    level = np.sqrt(np.convolve(part**2, np.ones(span) / span)[: len(part)])
    return float(first + np.argmax(level >= 0.5 * level.max())) / RATE


def cents_off(made: Pcm, frequency: float, *, rate: int = RATE) -> float:
    """How far the strongest partial within two semitones lies from `frequency`: the peak of a spectrum, interpolated."""
    part = made[len(made) // 8 : -len(made) // 8, 0] * np.blackman(len(made[len(made) // 8 : -len(made) // 8]))
    size = 4 * len(part)
    levels = np.log(np.abs(np.fft.rfft(part, size)) + 1e-12)
    near = np.arange(round(frequency * 0.89 * size / rate), round(frequency * 1.12 * size / rate))
    peak = int(near[np.argmax(levels[near])])
    left, middle, right = levels[peak - 1 : peak + 2]
    place = peak + 0.5 * (left - right) / (left - 2 * middle + right)
    return float(1200 * np.log2(place * rate / size / frequency))


def decibels(wave: NDArray[Any]) -> float:
    """The level of the middle three quarters: rms over all channels, dBFS."""
    part = np.asarray(wave[len(wave) // 8 : -len(wave) // 8], np.float64)
    return float(10 * np.log10(np.mean(part**2)))


def swing_of_level(made: Pcm, margin: int = 6000) -> tuple[float, float]:
    """The lowest and the highest level a held tone's envelope reaches, dB against its amplitude of 0.3."""
    envelope = np.abs(signal.hilbert(made[:, 0]))[margin:-margin] / 0.3
    return float(20 * np.log10(envelope.min())), float(20 * np.log10(envelope.max()))
