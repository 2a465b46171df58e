"""The shape of a song for drawing: lowest, highest and RMS level of short stretches of time.

A waveform is measured once, while the master is written, at a base resolution of up to 200 buckets a second; any
coarser resolution is made of it without touching audio again, and keeps every extreme.

File format, little endian: a header of 40 bytes (`_HEADER`: magic 'PMWF', version 1, header size, sample rate in Hz,
channels, frames, frames per bucket, buckets, reserved), then `buckets` int16 lowest levels, as many highest, as many
RMS. 32767 is full scale; channels are folded together (the lowest of all, the highest of all, the RMS over all).
"""

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import numpy as np
import numpy.typing as npt

BUCKETS_PER_SECOND: Final = 200
MOST_BUCKETS: Final = 32_768
FEWEST_POINTS, MOST_POINTS = 1, 8000

_MAGIC: Final = b"PMWF"
_VERSION: Final = 1
_HEADER: Final = struct.Struct("<4sHHIIQIIQ")
_FULL_SCALE: Final = 32_767
_CANONICAL_TO_LEVEL: Final = 8  # bits between a 24-bit sample and a 16-bit level

Levels = npt.NDArray[np.int16]


class WaveformDamaged(ValueError):
    """Bytes that are no waveform, or not all of one."""


@dataclass(frozen=True, slots=True, eq=False)
class Waveform:
    """Peaks of one song.

    sample_rate: Hz. frames: of the song. bucket_frames: frames per bucket; the last bucket may hold fewer.
    lowest, highest, rms: int16 [buckets] each; 32767 is full scale.
    """

    sample_rate: int
    channels: int
    frames: int
    bucket_frames: int
    lowest: Levels
    highest: Levels
    rms: Levels

    @property
    def seconds_per_bucket(self) -> float:
        """Time that one bucket covers."""
        return self.bucket_frames / self.sample_rate


@dataclass(frozen=True, slots=True, eq=False)
class Peaks:
    """A waveform at a chosen resolution: int16 [points] each, evenly spread over the whole song."""

    lowest: Levels
    highest: Levels
    rms: Levels


class Gauge:
    """Measures a waveform of samples that arrive in blocks."""

    def __init__(self, sample_rate: int, channels: int) -> None:
        self._sample_rate = sample_rate
        self._channels = channels
        self._bucket_frames = max(1, sample_rate // BUCKETS_PER_SECOND)
        self._frames = 0
        self._rest = np.empty((0, channels), np.int32)
        self._lowest: list[npt.NDArray[np.int32]] = []
        self._highest: list[npt.NDArray[np.int32]] = []
        self._power: list[npt.NDArray[np.float64]] = []

    def add(self, samples: npt.NDArray[np.int32]) -> None:
        """The next `samples` [frames, channels], 24-bit values."""
        self._frames += len(samples)
        joined = np.concatenate((self._rest, samples)) if len(self._rest) else samples
        whole = len(joined) - len(joined) % self._bucket_frames
        self._rest = joined[whole:].copy()
        if whole:
            self._measure(joined[:whole].reshape(-1, self._bucket_frames * self._channels))

    def _measure(self, buckets: npt.NDArray[np.int32]) -> None:
        self._lowest.append(buckets.min(axis=1))
        self._highest.append(buckets.max(axis=1))
        levels = buckets.astype(np.float32)
        self._power.append(np.einsum("ij,ij->i", levels, levels, dtype=np.float64) / buckets.shape[1])

    def finish(self) -> Waveform:
        """The waveform of everything added."""
        if len(self._rest):
            self._measure(self._rest.reshape(1, -1))
        lowest, highest = _joined(self._lowest), _joined(self._highest)
        power = np.concatenate(self._power) if self._power else np.empty(0)
        merge = -(-len(lowest) // MOST_BUCKETS) or 1
        starts = np.arange(0, len(lowest), merge)
        if merge > 1:
            lowest, highest = np.minimum.reduceat(lowest, starts), np.maximum.reduceat(highest, starts)
            # A bucket counts by its frames: the last one may be short.
            weights = np.full(len(power), float(self._bucket_frames))
            weights[-1] = self._frames - self._bucket_frames * (len(power) - 1)
            power = np.add.reduceat(power * weights, starts) / np.add.reduceat(weights, starts)
        return Waveform(
            self._sample_rate,
            self._channels,
            self._frames,
            self._bucket_frames * merge,
            _level(lowest, down=True),
            _level(highest, down=False),
            np.minimum(np.rint(np.sqrt(power) / (1 << _CANONICAL_TO_LEVEL)), _FULL_SCALE).astype(np.int16),
        )


def _joined(parts: list[npt.NDArray[np.int32]]) -> npt.NDArray[np.int32]:
    return np.concatenate(parts) if parts else np.empty(0, np.int32)


def _level(samples: npt.NDArray[np.int32], *, down: bool) -> Levels:
    """16-bit levels of 24-bit samples, rounded outwards: a drawn peak is never lower than the real one."""
    levels = samples >> _CANONICAL_TO_LEVEL if down else -(-samples >> _CANONICAL_TO_LEVEL)
    limited: Levels = np.minimum(levels, _FULL_SCALE).astype(np.int16)
    return limited


def resample_peaks(waveform: Waveform, points: int) -> Peaks:
    """`waveform` at `points` points (FEWEST_POINTS to MOST_POINTS); ValueError outside that.

    Each bucket goes into exactly one point, so the extremes of the song are the extremes of the points. Where there
    are fewer buckets than points, buckets repeat.
    """
    if not FEWEST_POINTS <= points <= MOST_POINTS:
        raise ValueError(f"points must be {FEWEST_POINTS} to {MOST_POINTS}, not {points}")
    buckets = len(waveform.lowest)
    if buckets == 0:
        silence = np.zeros(points, np.int16)
        return Peaks(silence, silence, silence)
    starts = np.arange(points) * buckets // points
    if buckets < points:
        return Peaks(waveform.lowest[starts], waveform.highest[starts], waveform.rms[starts])
    power = np.add.reduceat(waveform.rms.astype(np.float64) ** 2, starts)
    counts = np.diff(np.append(starts, buckets))
    return Peaks(
        np.minimum.reduceat(waveform.lowest, starts),
        np.maximum.reduceat(waveform.highest, starts),
        np.rint(np.sqrt(power / counts)).astype(np.int16),
    )


def write(waveform: Waveform, path: Path) -> None:
    """Store `waveform` at `path`."""
    path.write_bytes(to_bytes(waveform))


def read(path: Path) -> Waveform:
    """The waveform stored at `path`; WaveformDamaged where it is none."""
    return from_bytes(path.read_bytes())


def to_bytes(waveform: Waveform) -> bytes:
    """`waveform` in the file format above."""
    shape = (waveform.sample_rate, waveform.channels, waveform.frames, waveform.bucket_frames, len(waveform.lowest))
    header = _HEADER.pack(_MAGIC, _VERSION, _HEADER.size, *shape, 0)
    levels = (waveform.lowest, waveform.highest, waveform.rms)
    return header + b"".join(part.astype("<i2").tobytes() for part in levels)


def from_bytes(data: bytes) -> Waveform:
    """The waveform that `data` holds; WaveformDamaged where it holds none."""
    return _Stored.of(data).waveform()


@dataclass(frozen=True, slots=True)
class _Stored:
    """A header that has been checked, and the levels behind it."""

    sample_rate: int
    channels: int
    frames: int
    bucket_frames: int
    buckets: int
    levels: bytes

    @classmethod
    def of(cls, data: bytes) -> Self:
        if len(data) < _HEADER.size:
            raise WaveformDamaged("shorter than its header")
        magic, version, size, rate, channels, frames, bucket_frames, buckets, _ = _HEADER.unpack_from(data)
        if magic != _MAGIC or version != _VERSION or size != _HEADER.size:
            raise WaveformDamaged("no waveform of version 1")
        stored = cls(rate, channels, frames, bucket_frames, buckets, data[size:])
        if len(stored.levels) != stored.buckets * 3 * 2:
            raise WaveformDamaged(f"{len(stored.levels)} bytes of levels for {stored.buckets} buckets")
        return stored

    def waveform(self) -> Waveform:
        lowest, highest, rms = np.frombuffer(self.levels, "<i2").astype(np.int16).reshape(3, self.buckets)
        return Waveform(self.sample_rate, self.channels, self.frames, self.bucket_frames, lowest, highest, rms)
