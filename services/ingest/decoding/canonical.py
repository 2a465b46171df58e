"""Samples of any source -> the canonical master: 24-bit FLAC, its content hash and its waveform, in one pass.

No dither: what has 24 bits or fewer is kept exactly, and the rounding error of anything else lies 20 dB below the noise
of any converter. Nothing is ever clipped: a source that exceeds full scale (floats may; a loud MP3 does) is scaled down
by a power of two, which changes no bit of the mantissa, and the factor is recorded.
"""

import hashlib
import math
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import soundfile

from services.ingest.decoding import waveform
from services.ingest.decoding.opened import Block, Source
from services.ingest.decoding.rejection import Reason, Rejected

FULL_SCALE: Final = 1 << 23
HIGHEST: Final = FULL_SCALE - 1
_SPARE_BITS: Final = 8  # of an int32 below a 24-bit sample

Samples = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: frames per channel, and the hex digest of the samples."""

    frames: int
    content_sha256: str


class Overload(Exception):
    """The source exceeds full scale; `gain` brings it below. Raised when all of it has been heard."""

    def __init__(self, gain: float) -> None:
        super().__init__(gain)
        self.gain = gain


class SampleHash:
    """SHA-256 of canonical samples.

    Over: the ASCII text 'puremusic samples 1', sample rate and channels as little-endian uint32, then every sample as
    little-endian int32 in the range of 24 bits, channels interleaved.
    """

    def __init__(self, sample_rate: int, channels: int) -> None:
        self._digest = hashlib.sha256(b"puremusic samples 1" + struct.pack("<II", sample_rate, channels))

    def add(self, samples: Samples) -> None:
        """The next `samples` [frames, channels]."""
        self._digest.update(np.ascontiguousarray(samples, "<i4").data)

    def hexdigest(self) -> str:
        """The digest of everything added."""
        return self._digest.hexdigest()


class _Writer:
    """FLAC, hash and waveform of the same samples."""

    def __init__(self, file: soundfile.SoundFile, sample_rate: int, channels: int) -> None:
        self._file = file
        self._hash = SampleHash(sample_rate, channels)
        self._gauge = waveform.Gauge(sample_rate, channels)
        self._frames = 0

    def add(self, samples: Samples) -> None:
        self._file.write(samples << _SPARE_BITS)
        self._hash.add(samples)
        self._gauge.add(samples)
        self._frames += len(samples)

    def finish(self, peaks: Path) -> Written:
        waveform.write(self._gauge.finish(), peaks)
        return Written(self._frames, self._hash.hexdigest())


def write(source: Source, gain: float, master: Path, peaks: Path, heard: Callable[[int], None]) -> Written:
    """Write `source`, multiplied with `gain` (a power of two), as FLAC to `master` and its waveform to `peaks`.

    `heard(frames)` is told the number of frames so far after each block, and may raise. Raises Overload where `gain`
    does not bring the source below full scale, Rejected (NOT_FINITE) for samples that are no numbers.
    """
    frames, loudest = 0, 0.0
    with _flac(master, source) as file:
        writer = _Writer(file, source.sample_rate, source.channels)
        for block in source.blocks:
            loudest = max(loudest, _peak(block) * gain)
            frames += len(block)
            # After an overload only the rest's peak is of interest.
            if loudest <= 1.0:
                writer.add(quantised(block, gain))
            heard(frames)
    if loudest > 1.0:
        raise Overload(gain * headroom(loudest))
    return writer.finish(peaks)


@contextmanager
def _flac(path: Path, source: Source) -> Iterator[soundfile.SoundFile]:
    rate, channels = source.sample_rate, source.channels
    with soundfile.SoundFile(path, "w", rate, channels, format="FLAC", subtype="PCM_24") as file:
        yield file


def _peak(block: Block) -> float:
    """The largest absolute value of a float block; 0 for integers, which cannot exceed full scale."""
    if block.dtype.kind == "i":
        return 0.0
    peak = max(float(block.max()), -float(block.min()))
    if not math.isfinite(peak):
        raise Rejected.because(Reason.NOT_FINITE)
    return peak


def headroom(peak: float) -> float:
    """The largest power of two, at most 1, that brings `peak` (finite, 1.0 is full scale) to at most 1."""
    mantissa, exponent = math.frexp(peak)  # peak = mantissa * 2**exponent, 0.5 <= mantissa < 1
    return math.ldexp(1.0, -max(0, exponent - (mantissa == 0.5)))


def quantised(block: Block, gain: float) -> Samples:
    """`block` times `gain` as 24-bit samples, rounded to nearest; exact where the source has 24 bits or fewer.

    +1.0 itself lies one step above the highest 24-bit value and is stored as that.
    """
    if block.dtype == np.int32:
        integers = block.astype(np.int32, copy=False)
        rounding = integers >> (_SPARE_BITS - 1) & 1
        return np.minimum((integers >> _SPARE_BITS) + rounding, HIGHEST)
    return np.minimum(np.rint(block * block.dtype.type(gain * FULL_SCALE)), HIGHEST).astype(np.int32)
