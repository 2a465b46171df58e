"""Recordings for the tests, made by real encoders: whatever a person might upload, whole or broken."""

import subprocess
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import numpy.typing as npt
import soundfile

RATE = 44_100
BLOCK = 16_384

Signal = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int32]


def tones(seconds: float = 1.0, rate: int = RATE, channels: int = 2, level: float = 0.5) -> Signal:
    """A chord with some noise, [frames, channels], within +-level."""
    frames = round(seconds * rate)
    time = np.arange(frames) / rate
    noise = np.random.default_rng(7).uniform(-1, 1, (frames, channels))
    pitches = 220.0 * (1 + np.arange(channels))
    return level * (0.8 * np.sin(2 * np.pi * time[:, None] * pitches) + 0.2 * noise)


def integers(bits: int, seconds: float = 0.5, channels: int = 2, rate: int = RATE) -> Integers:
    """Random samples over the whole range of `bits`, both extremes included, on top of an int32."""
    low, high = -(1 << bits - 1), (1 << bits - 1) - 1
    samples = np.random.default_rng(bits).integers(low, high, (round(seconds * rate), channels), endpoint=True)
    samples[0], samples[1] = low, high
    return (samples << (32 - bits)).astype(np.int32)


def written(
    path: Path,
    samples: Signal | Integers,
    rate: int = RATE,
    *,
    subtype: str | None = None,
    container: str | None = None,
) -> Path:
    """`samples` in a file at `path`, by libsndfile, in blocks; the container is the suffix's where none is given."""
    with soundfile.SoundFile(path, "w", rate, samples.shape[1], format=container, subtype=subtype) as file:
        for start in range(0, len(samples), BLOCK):
            file.write(samples[start : start + BLOCK])
    return path


def converted(source: Path, target: Path, *options: str) -> Path:
    """`source` as ffmpeg writes it to `target`."""
    ffmpeg = imageio_ffmpeg.get_ffmpeg_exe()
    command = [ffmpeg, "-nostdin", "-v", "error", "-y", "-i", str(source), *options, str(target)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    return target


def piped(source: Path, target: Path, container: str) -> Path:
    """`source` as ffmpeg writes it to a pipe, where it cannot go back and fill in the length."""
    ffmpeg = imageio_ffmpeg.get_ffmpeg_exe()
    command = [ffmpeg, "-nostdin", "-v", "error", "-i", str(source), "-f", container, "pipe:1"]
    target.write_bytes(subprocess.run(command, check=True, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL).stdout)
    return target


def cut(source: Path, share: float) -> Path:
    """The first `share` (0 to 1) of the bytes of `source`, next to it."""
    data = source.read_bytes()
    target = source.with_name(f"cut-{source.name}")
    target.write_bytes(data[: int(len(data) * share)])
    return target


def patched(source: Path, *patches: tuple[int, bytes]) -> Path:
    """`source` with some bytes replaced, next to it."""
    data = bytearray(source.read_bytes())
    for at, new in patches:
        data[at : at + len(new)] = new
    target = source.with_name(f"patched-{source.name}")
    target.write_bytes(data)
    return target


def master_samples(path: Path) -> Integers:
    """The 24-bit samples of a master, [frames, channels]."""
    samples, _ = soundfile.read(path, dtype="int32", always_2d=True)
    return np.asarray(samples >> 8, np.int32)
