"""Sounds for the checks of the web client's audio engine: `python -m tests.servers.listening_sounds FOLDER`.

Every `<name>.flac` is 24 bit; where there is a `<name>.f32` beside it, that is what libsndfile decodes of it, as raw
interleaved float32: an independent decoder to compare the browser's with.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Final

import imageio_ffmpeg
import numpy as np
import soundfile
from numpy.typing import NDArray

from tests.servers.real_music import MUSDB_RATE, MUSDB_STEMS, musdb_clip

Sound = NDArray[np.float64]

LONG_SECONDS: Final = 300
_RATE: Final = MUSDB_RATE


def make(folder: Path) -> None:
    """Write all sounds into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    clip = musdb_clip()
    for name in MUSDB_STEMS:
        _write(folder / f"{name}.flac", clip.stems[name].astype(np.float64), _RATE, raw=True)
    music = np.concatenate([clip.stems[name] for name in MUSDB_STEMS]).astype(np.float64)

    # Longer than some of the engine's pieces, with an odd end.
    _write(folder / "pieces.flac", _over(music, 20 * _RATE + 777, seed=1), _RATE, raw=True)
    _write(folder / "mono.flac", _over(music, 9 * 48_000 + 5, seed=2)[:, :1], 48_000, raw=True)

    # The same five minutes and their opposite, in files of other block sizes: together they are silence.
    long = _over(music, LONG_SECONDS * _RATE, seed=3)
    _write(folder / "long.flac", long, _RATE)
    _opposite(folder / "long.flac", folder / "opposite.flac")

    # What a stem of five minutes is like: it lends itself to no better compression.
    _write(folder / "stem.flac", _over(music, LONG_SECONDS * _RATE, seed=4), _RATE)

    for rate in (44_100, 48_000):
        _write(folder / f"chord-{rate}.flac", _chord(LONG_SECONDS, rate), rate)
    _write(folder / "tone.flac", _tone(440.0, 12, _RATE), _RATE)
    _write(folder / "bursts.flac", _bursts(12, _RATE), _RATE)


def _over(music: Sound, frames: int, seed: int) -> Sound:
    """Music again and again under noise that never repeats, so that no part of it is like another."""
    rounds = -(-frames // len(music))
    noise = np.random.default_rng(seed).normal(0.0, 0.003, (frames, 2))
    repeated: Sound = np.tile(music, (rounds, 1))[:frames]
    return np.clip(0.9 * repeated + noise, -1.0, 1.0)


def _opposite(source: Path, target: Path) -> None:
    """Write the inverted samples, by another encoder, in blocks of another size."""
    pcm, rate = soundfile.read(source, dtype="int32", always_2d=True)
    raw = np.clip(-pcm.astype(np.int64), -(2**31), 2**31 - 256).astype("<i4").tobytes()
    options = ["-f", "s32le", "-ar", str(rate), "-ac", str(pcm.shape[1]), "-i", "-"]
    encoder = ["-c:a", "flac", "-sample_fmt", "s32", "-bits_per_raw_sample", "24", "-frame_size", "4608"]
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", *options, *encoder, str(target)]
    subprocess.run(command, input=raw, check=True, timeout=120)


def _chord(seconds: int, rate: int) -> Sound:
    """Tones of a common formula at any rate, so that two rates can be compared to a fraction of a sample."""
    times = np.arange(seconds * rate) / rate
    numbers = np.random.default_rng(5)
    tones = np.zeros_like(times)
    for frequency, phase in zip(numbers.uniform(100, 3000, 24), numbers.uniform(0, 2 * np.pi, 24), strict=True):
        tones += 0.02 * np.sin(2 * np.pi * frequency * times + phase)
    return tones[:, None]


def _tone(frequency: float, seconds: int, rate: int) -> Sound:
    times = np.arange(seconds * rate) / rate
    tone = 0.4 * np.sin(2 * np.pi * frequency * times)
    return np.stack([tone, tone], axis=1)


def _bursts(seconds: int, rate: int) -> Sound:
    """A short sound in the middle of every second."""
    burst = np.hanning(rate // 100) * np.sin(2 * np.pi * 1000 * np.arange(rate // 100) / rate)
    sound = np.zeros(seconds * rate)
    for second in range(seconds):
        begin = second * rate + rate // 2 - len(burst) // 2
        sound[begin : begin + len(burst)] = 0.8 * burst
    return np.stack([sound, sound], axis=1)


def _write(file: Path, sound: Sound, rate: int, *, raw: bool = False) -> None:
    soundfile.write(file, sound, rate, subtype="PCM_24")
    if raw:
        decoded, _ = soundfile.read(file, dtype="float32", always_2d=True)
        file.with_suffix(".f32").write_bytes(decoded.astype("<f4").tobytes())


if __name__ == "__main__":
    make(Path(sys.argv[1]))
