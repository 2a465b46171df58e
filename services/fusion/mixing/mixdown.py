"""A mix: the sum of its parts on disk, measured, and the level it will have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from services.fusion.mixing.levelling import Level, Target, decide_level
from services.fusion.mixing.loudness import LoudnessMeter
from services.fusion.mixing.part import BLOCK_FRAMES, Part, Pcm
from services.fusion.mixing.progress import IsCancelled, Progress, never, unheard
from services.fusion.mixing.summing import output_frames, output_rate, sum_parts
from services.fusion.mixing.true_peak import TruePeakMeter

__all__ = ["Mix", "mix"]

_CHANNELS: Final = 2


@dataclass(frozen=True)
class Mix:
    """A stereo sum in a scratch file of raw float32, and what was measured on it before its level is applied.

    `loudness_lufs` is None below the gate of -70 LUFS, `true_peak_dbtp` for digital silence. The file is the caller's to
    remove, when nothing more is to be rendered.
    """

    scratch: Path
    frames: int
    sample_rate: int
    loudness_lufs: float | None
    true_peak_dbtp: float | None
    target: Target
    level: Level

    def blocks(self, gain_db: float) -> Iterator[Pcm]:
        """The sum after a gain: float32 (at most BLOCK_FRAMES, 2) at a time."""
        gain = np.float32(10 ** (gain_db / 20))
        with self.scratch.open("rb") as source:
            while len(samples := np.fromfile(source, np.float32, BLOCK_FRAMES * _CHANNELS)):
                yield samples.reshape(-1, _CHANNELS) * gain


def mix(
    parts: Sequence[Part],
    scratch: Path,
    target: Target | None = None,
    progress: Progress = unheard,
    cancelled: IsCancelled = never,
) -> Mix:
    """Sum the parts into the file `scratch` (8 bytes a frame), measure the sum, and decide its level.

    One pass: gain is linear, so what is measured on the sum holds for the song. Memory does not grow with length. The
    same parts give the same mix, bit for bit. If anything is raised, `scratch` is gone.

    Raises:
        InvalidPart: if there is no part, all are empty, or one delivers other than it declared.
        Cancelled: if `cancelled` answers True.
    """
    target = target or Target()
    rate = output_rate(parts)
    loudness, peak = LoudnessMeter(rate, _CHANNELS), TruePeakMeter(_CHANNELS)
    try:
        with scratch.open("wb") as out:

            def keep(block: Pcm) -> None:
                out.write(block.tobytes())
                loudness.add(block)
                peak.add(block)

            sum_parts(parts, keep, progress, cancelled)
    except BaseException:
        scratch.unlink(missing_ok=True)
        raise
    lufs, dbtp = loudness.integrated(), peak.dbtp()
    level = decide_level(lufs, dbtp, target)
    return Mix(scratch, output_frames(parts), rate, lufs, dbtp, target, level)
