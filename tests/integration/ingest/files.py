"""Files that people upload."""

import functools
import io

import numpy as np
import soundfile

RATE = 44_100


def song(seconds: float = 1.0, *, seed: int = 0, rate: int = RATE, channels: int = 2, kind: str = "WAV") -> bytes:
    """A chord with a little noise, different for every seed, encoded by libsndfile."""
    frames = round(seconds * rate)
    time = np.arange(frames)[:, None] / rate
    noise = np.random.default_rng(seed).normal(0, 0.05, (frames, channels))
    tones = sum(np.sin(2 * np.pi * pitch * (1 + seed / 50) * time) for pitch in (220.0, 277.2, 329.6))
    samples = np.rint((0.2 * tones + noise).clip(-1, 1) * 32_767).astype(np.int16)  # the same in every container
    file = io.BytesIO()
    soundfile.write(file, samples, rate, format=kind)
    return file.getvalue()


@functools.cache
def long_song() -> bytes:
    """A song that goes in parts: three of them, 17 MB."""
    return song(99.0, seed=99)
