"""What the stems leave of the track, and the proof that together they are the track.

The residual is the master minus the stored stems, sample by sample in integers, so that the sum is the master exactly.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import soundfile

from services.separation.stem_files import BLOCK_FRAMES, Samples, StemFile, StemWriter, unjustified

RESIDUAL: Final = "residual"

Check = Callable[[], None]
"""Called between blocks; raises where the work should end."""


@dataclass(frozen=True)
class NullTest:
    """Whether stems and residual equal the master in every sample, and how far the residual lies below it, dB (RMS)."""

    exact: bool
    depth_db: float | None


def write_residual(master: Path, stems: Sequence[StemFile], folder: Path, check: Check) -> StemFile:
    """Write the residual beside the stems: a FLAC of 24 bit, or, where it exceeds full scale, a WAV of 32 bit."""
    shape = stems[0].sample_rate, stems[0].channels
    with StemWriter(RESIDUAL, folder, *shape, exact=True) as writer:
        for whole, parts in _in_step(master, stems):
            check()
            writer.add(whole - sum(parts))
        return writer.finish()


def null_test(master: Path, stems: Sequence[StemFile], residual: StemFile, check: Check) -> NullTest:
    """Read everything again as it is stored, add it up, and compare it with the master bit for bit."""
    exact, track_power, rest_power = True, 0.0, 0.0
    for whole, (rest, *parts) in _in_step(master, [residual, *stems]):
        check()
        exact = exact and np.array_equal(whole, rest + sum(parts))
        track_power += _power(whole)
        rest_power += _power(rest)
    depth = 10 * math.log10(track_power / rest_power) if track_power and rest_power else None
    return NullTest(exact, depth)


def _in_step(master: Path, files: Sequence[StemFile]) -> Iterator[tuple[Samples, list[Samples]]]:
    """Read the master and these files together, block by block to the longest's end, each in a thread of its own."""
    bits = [0, *(file.scale_bits for file in files)]
    with ExitStack() as stack:
        opened = [stack.enter_context(soundfile.SoundFile(path)) for path in (master, *(file.path for file in files))]
        pool = stack.enter_context(ThreadPoolExecutor(len(opened)))
        while True:
            stored = pool.map(lambda file: file.read(BLOCK_FRAMES, dtype="int32", always_2d=True), opened)
            whole, *parts = map(unjustified, stored, bits)
            if not any(map(len, (whole, *parts))):
                return
            yield whole, parts


def _power(samples: Samples) -> float:
    return float(np.square(samples, dtype=np.float64).sum())
