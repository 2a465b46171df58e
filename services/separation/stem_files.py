"""Stems as files: rounded once to integers, written as the blocks come, shifted as a whole where they exceed full scale.

A sample is an integer in steps of 24 bit: full scale is ±2**23, and an int32 has room for 256 times as much. What exceeds full
scale makes the whole stem be stored shifted to the right by `scale_bits`. The shift is arithmetic, that is, it rounds down, by
half of a stored step on average: a bias far below hearing, which the residual takes up. Such shifts compose
(`x >> 1 >> 1 == x >> 2`), so the same samples give the same file wherever among them the excess is met.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
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

Samples = NDArray[np.int32]
"""Samples as (frames, channels) in steps of 24 bit: full scale at ±2**23, which they may exceed."""

FULL_SCALE: Final = 1 << 23
HIGHEST_SCALE_BITS: Final = 5
"""A stem is kept up to 30 dB above full scale, so that seven of them and a track still add up within an int32."""
DECIBELS_PER_BIT: Final = 6.0206
BLOCK_FRAMES: Final = 1 << 16
_CEILING: Final = float(1 << HIGHEST_SCALE_BITS)
_SAMPLE_BITS: Final = 24
_SPARE_BITS: Final = 8
"""Of an int32, below a 24-bit sample: libsndfile wants and gives integers justified to the left."""


@dataclass(frozen=True)
class Layout:
    """What the files of a separation have in common: their stems, the track's rate in Hz, and its channels."""

    stem_types: Sequence[str]
    sample_rate: int
    channels: int


class NotNumbers(Exception):
    """A network's output is NaN or infinite: nothing that could be stored or heard."""


@dataclass(frozen=True)
class StemFile:
    """A finished file. Its samples times 2**`scale_bits` are the stem."""

    type: str
    path: Path
    frames: int
    sample_rate: int
    channels: int
    size_bytes: int
    sha256: str
    scale_bits: int

    @property
    def attenuation_db(self) -> float:
        """How much quieter the file is than the stem."""
        return DECIBELS_PER_BIT * self.scale_bits


class StemWriter:
    """Writes one stem, and nothing is clipped.

    The file is a FLAC of 24 bit. Excess over full scale is shifted out at the lower end, or, of an `exact` stem, kept to the last
    bit in a WAV of 32 bit.
    """

    def __init__(self, stem_type: str, folder: Path, sample_rate: int, channels: int, *, exact: bool = False) -> None:
        self.frames = 0
        self.scale_bits = 0
        self._type = stem_type
        self._folder = folder
        self._sample_rate = sample_rate
        self._channels = channels
        self._exact = exact
        self._path, self._file = self._open()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def add(self, samples: Samples) -> None:
        """Write the next frames."""
        if not len(samples):
            return
        bits = excess_bits(samples)
        if bits > self.scale_bits:
            self._shift(bits)
        self._file.write(self._justified(samples))
        self.frames += len(samples)

    def finish(self) -> StemFile:
        """Close the file and describe it."""
        self._file.close()
        with self._path.open("rb") as content:
            sha256 = hashlib.file_digest(content, "sha256").hexdigest()
        return StemFile(
            type=self._type,
            path=self._path,
            frames=self.frames,
            sample_rate=self._sample_rate,
            channels=self._channels,
            size_bytes=self._path.stat().st_size,
            sha256=sha256,
            scale_bits=self.scale_bits,
        )

    def _shift(self, bits: int) -> None:
        """Write again, shifted by `bits` in all, what is written already."""
        self._file.close()
        before, bits_before = self._path.replace(self._folder / f"{self._type}.before"), self.scale_bits
        self.scale_bits = bits
        self._path, self._file = self._open()
        if self.frames:  # a FLAC without samples can't be read
            for block in stored_samples(before, bits_before):
                self._file.write(self._justified(block))
        before.unlink()

    def _justified(self, samples: Samples) -> Samples:
        if self._wide:
            return samples << (_SPARE_BITS - self.scale_bits)
        return (samples >> self.scale_bits) << _SPARE_BITS

    @property
    def _wide(self) -> bool:
        return self._exact and self.scale_bits > 0

    def _open(self) -> tuple[Path, soundfile.SoundFile]:
        form, subtype = ("WAV", "PCM_32") if self._wide else ("FLAC", "PCM_24")
        path = self._folder / f"{self._type}.{form.lower()}"
        return path, soundfile.SoundFile(path, "w", self._sample_rate, self._channels, format=form, subtype=subtype)


class StemFiles:
    """The files of several stems, which grow together; each is encoded in a thread of its own."""

    def __init__(self, layout: Layout, folder: Path) -> None:
        self.frames = 0
        self._stack = ExitStack()
        self._writers = {
            stem_type: self._stack.enter_context(StemWriter(stem_type, folder, layout.sample_rate, layout.channels))
            for stem_type in layout.stem_types
        }
        self._pool = self._stack.enter_context(ThreadPoolExecutor(len(layout.stem_types)))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the files, finished or not."""
        self._stack.close()

    def add(self, block: Mapping[str, Samples]) -> None:
        """Write the next frames of every stem, the same number of each."""
        written = [self._pool.submit(writer.add, block[stem_type]) for stem_type, writer in self._writers.items()]
        for each in written:
            each.result()
        (self.frames,) = {writer.frames for writer in self._writers.values()}

    def finish(self) -> list[StemFile]:
        """Close the files and describe them."""
        return list(self._pool.map(StemWriter.finish, self._writers.values()))


def quantised(block: Pcm) -> Samples:
    """Round to the nearest step of 24 bit (halves to even); the one rounding there is.

    Saturates `HIGHEST_SCALE_BITS` above full scale. Raises `NotNumbers`.
    """
    if not np.isfinite(block).all():
        raise NotNumbers
    steps = np.rint(np.clip(block, -_CEILING, _CEILING) * np.float32(FULL_SCALE))
    samples: Samples = np.minimum(steps.astype(np.int32), (FULL_SCALE << HIGHEST_SCALE_BITS) - 1)
    return samples


def excess_bits(samples: Samples) -> int:
    """Return by how many bits the samples must be shifted to fit into 24, 0 for none."""
    # Of a negative number the complement has as many bits as the number itself takes without its sign.
    return max(0, int(np.maximum(samples, ~samples).max()).bit_length() - (_SAMPLE_BITS - 1))


def stored_samples(path: Path, scale_bits: int) -> Iterator[Samples]:
    """Read a stored file, FLAC or WAV, block by block: its samples times 2**`scale_bits`."""
    with soundfile.SoundFile(path) as file:
        for block in file.blocks(BLOCK_FRAMES, dtype="int32", always_2d=True):
            yield unjustified(block, scale_bits)


def unjustified(samples: Samples, scale_bits: int) -> Samples:
    """Return what is stored, times 2**`scale_bits`, of integers as libsndfile gives them; the same for 24 and 32 bit."""
    return samples >> (_SPARE_BITS - scale_bits)
