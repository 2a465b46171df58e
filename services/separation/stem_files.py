"""Stems as files: 24-bit FLAC, written as the blocks come, attenuated by a power of two where they would clip."""

import hashlib
import math
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import numpy as np
import soundfile
from numpy.typing import NDArray

Pcm = NDArray[np.float32]
"""Samples as (frames, channels), full scale at ±1."""

FULL_SCALE: Final = 1 << 23
_SPARE_BITS: Final = 8  # of an int32 below a 24-bit sample
_REWRITE_FRAMES: Final = 1 << 16


@dataclass(frozen=True)
class StemFile:
    """A finished stem."""

    type: str
    path: Path
    frames: int
    sample_rate: int
    channels: int
    size_bytes: int
    sha256: str
    attenuation_db: float


class StemWriter:
    """Writes one stem. Nothing is clipped: what exceeds full scale halves the whole stem until it fits."""

    def __init__(self, stem_type: str, folder: Path, sample_rate: int, channels: int) -> None:
        self._type = stem_type
        self._path = folder / f"{stem_type}.flac"
        self._sample_rate = sample_rate
        self._channels = channels
        self._gain = 1.0
        self._frames = 0
        self._file = self._open(self._path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def add(self, block: Pcm) -> None:
        """Write the next frames."""
        if not len(block):
            return
        headroom = headroom_gain(float(np.abs(block).max()) * self._gain)
        if headroom < 1.0:
            self._attenuate(headroom)
        self._file.write(quantised(block, self._gain))
        self._frames += len(block)

    def finish(self) -> StemFile:
        """Close the file and describe it."""
        self._file.close()
        with self._path.open("rb") as content:
            sha256 = hashlib.file_digest(content, "sha256").hexdigest()
        return StemFile(
            type=self._type,
            path=self._path,
            frames=self._frames,
            sample_rate=self._sample_rate,
            channels=self._channels,
            size_bytes=self._path.stat().st_size,
            sha256=sha256,
            attenuation_db=-20 * math.log10(self._gain) if self._gain < 1.0 else 0.0,
        )

    def _attenuate(self, gain: float) -> None:
        """Write again, `gain` times as loud, what is written already."""
        self._file.close()
        loud = self._path.replace(self._path.with_suffix(".loud"))
        self._gain *= gain
        self._file = self._open(self._path)
        if self._frames:  # a FLAC without samples can't be read
            with soundfile.SoundFile(loud) as before:
                for block in before.blocks(_REWRITE_FRAMES, dtype="int32", always_2d=True):
                    samples = np.rint((block >> _SPARE_BITS) * gain).astype(np.int32)
                    self._file.write(samples << _SPARE_BITS)
        loud.unlink()

    def _open(self, path: Path) -> soundfile.SoundFile:
        return soundfile.SoundFile(path, "w", self._sample_rate, self._channels, format="FLAC", subtype="PCM_24")


def headroom_gain(peak: float) -> float:
    """Return the largest power of two, at most 1, that brings `peak` (1 is full scale) to at most 1."""
    mantissa, exponent = math.frexp(peak)  # peak = mantissa * 2**exponent, 0.5 <= mantissa < 1
    return math.ldexp(1.0, -max(0, exponent - (mantissa == 0.5)))


def quantised(block: Pcm, gain: float) -> NDArray[np.int32]:
    """Return the block times `gain` as 24-bit samples in the upper bits of int32, as libsndfile wants them.

    +1 itself lies one step above the highest 24-bit sample and becomes that.
    """
    rounded = np.minimum(np.rint(block * np.float32(gain * FULL_SCALE)), FULL_SCALE - 1)
    samples: NDArray[np.int32] = rounded.astype(np.int32) << _SPARE_BITS
    return samples


def write_stems(
    blocks: Iterable[dict[str, Pcm]], stem_types: Iterable[str], folder: Path, sample_rate: int, channels: int
) -> list[StemFile]:
    """Write these of the stems that come in `blocks` to files in `folder`, holding no more than a block."""
    with ExitStack() as stack:
        writers = {
            stem_type: stack.enter_context(StemWriter(stem_type, folder, sample_rate, channels))
            for stem_type in stem_types
        }
        for block in blocks:
            for stem_type, writer in writers.items():
                writer.add(block[stem_type])
        return [writer.finish() for writer in writers.values()]
