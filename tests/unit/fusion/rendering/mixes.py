"""Mixes to be written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from services.fusion.mixing import Mix, Part, Target, mix
from tests.songs import compose

Pcm = NDArray[np.float32]


def mixed(pcm: Pcm, rate: int, folder: Path, loudness_lufs: float = -14.0) -> Mix:
    """A mix of one stem, float32 (frames, channels)."""
    return mix([Part.of_pcm(pcm, rate)], folder / "mix.f32", Target(loudness_lufs))


def written(mix_: Mix) -> Pcm:
    """The song that a file should hold."""
    return np.concatenate(list(mix_.blocks(mix_.level.gain_db)))


def drummed(folder: Path, rate: int = 48_000, seconds: float = 4) -> Mix:
    """A song whose drums have high peaks."""
    song = compose(tempo_bpm=96, seconds=seconds, sample_rate=rate, seed=2)
    return mixed(np.asarray(song.stems["drums"] + song.stems["bass"], np.float32), rate, folder)


def even(folder: Path) -> Mix:
    """A song without peaks worth mentioning."""
    chords = compose(seconds=4, seed=3).stems["chords"]
    return mixed(np.asarray(np.tanh(12 * chords) * 0.2, np.float32), 44_100, folder)


def square_noise(folder: Path, rate: int = 44_100) -> Mix:
    """What codecs and filters overshoot most on."""
    noise = np.sign(np.random.default_rng(0).standard_normal((2 * rate, 2))).astype(np.float32)
    return mixed(noise, rate, folder, loudness_lufs=0.0)
