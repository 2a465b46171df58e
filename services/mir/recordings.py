"""A track's files as the analysis listens to them: read block by block, kept as mono files that are mapped into memory."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from services.mir.analysis.analysing import HARMONIC_STEMS, Recording
from services.mir.analysis.preparation import Prepared, prepare_blocks
from services.mir.analysis.progress import IsCancelled

BLOCK_FRAMES = 1 << 16

Pcm = NDArray[np.float32]


@dataclass(frozen=True)
class Part:
    """An audio file whose samples times `scale` are the signal."""

    path: Path
    scale: float = 1.0


@dataclass(frozen=True)
class Sources:
    """What is listened to: files in the job's folder. Stems by name, as long as the master."""

    master: Part
    stems: Mapping[str, Part] = field(default_factory=dict)


def read(sources: Sources, folder: Path, cancelled: IsCancelled) -> Recording:
    """Prepare what is listened to; its samples lie in new files in `folder`. Raises `Cancelled`."""

    def prepared(name: str, *parts: Part) -> Prepared:
        return _prepared(parts, folder / f"{name}.mono", cancelled)

    stems = {name: prepared(name, part) for name, part in sources.stems.items()}
    harmonic = [sources.stems[name] for name in HARMONIC_STEMS if name in sources.stems]
    return Recording(prepared("mix", sources.master), stems, prepared("harmonic", *harmonic) if harmonic else None)


def _prepared(parts: Sequence[Part], file: Path, cancelled: IsCancelled) -> Prepared:
    """Prepare the sum of files of one rate, channel count and length."""
    with ExitStack() as opened:
        files = [opened.enter_context(soundfile.SoundFile(part.path)) for part in parts]
        blocks = _sums(files, [part.scale for part in parts])
        return prepare_blocks(blocks, files[0].samplerate, files[0].channels, cancelled, file)


def _sums(files: Sequence[soundfile.SoundFile], scales: Sequence[float]) -> Iterator[Pcm]:
    readers = [file.blocks(BLOCK_FRAMES, dtype="float32", always_2d=True) for file in files]
    for blocks in zip(*readers, strict=True):
        total = blocks[0] * np.float32(scales[0])
        for block, scale in zip(blocks[1:], scales[1:], strict=True):
            total += block * np.float32(scale)
        yield total
