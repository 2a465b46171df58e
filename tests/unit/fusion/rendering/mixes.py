"""Mixes to be written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from services.fusion.mixing.arrangement import Arrangement, Mastering, Piece, Voice
from services.fusion.mixing.mixdown import Mix, mix
from services.fusion.mixing.sources import ArraySource
from tests.songs import compose

Pcm = NDArray[np.float32]


def mixed(pcm: Pcm, rate: int, folder: Path, loudness_lufs: float | None = -14.0) -> Mix:
    """A mix of one stem, float32 (frames, channels)."""
    voice = Voice("stem", "stem", (Piece(((0, 0.0), (len(pcm), len(pcm) / rate))),))
    song = Arrangement(rate, len(pcm), (voice,), Mastering(loudness_lufs))
    return mix(song, {"stem": ArraySource(pcm, rate)}, folder / "mix.f32")


def written(mix_: Mix) -> Pcm:
    """The song that a file should hold."""
    return np.concatenate(list(mix_.blocks(mix_.level.gain_db)))


def drummed(folder: Path, rate: int = 48_000, seconds: float = 2) -> Mix:
    """A song whose drums have high peaks."""
    song = compose(tempo_bpm=96, seconds=seconds, sample_rate=rate, seed=2)
    return mixed(np.asarray(song.stems["drums"] + song.stems["bass"], np.float32), rate, folder)


def even(folder: Path) -> Mix:
    """A song without peaks worth mentioning."""
    chords = compose(seconds=3, seed=3).stems["chords"]
    return mixed(np.asarray(np.tanh(12 * chords) * 0.2, np.float32), 44_100, folder)


def square_noise(folder: Path, rate: int = 44_100) -> Mix:
    """Bursts of what codecs overshoot most on, so short that their peaks reach the ceiling."""
    noise = np.sign(np.random.default_rng(0).standard_normal((2 * rate, 2)))
    bursts = np.arange(2 * rate) % (rate // 4) < rate // 50
    return mixed((noise * bursts[:, None]).astype(np.float32), rate, folder, loudness_lufs=-6.0)
