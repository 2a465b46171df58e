"""A part: one stem of a mix, with its fader."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import soundfile

from services.fusion.mixing.sources import BLOCK_FRAMES, Pcm

__all__ = ["BLOCK_FRAMES", "InvalidPart", "Part", "Pcm"]

_GAIN_DB: Final = (-60.0, 12.0)
_PAN: Final = (-1.0, 1.0)


class InvalidPart(ValueError):
    """A part cannot be mixed: its settings are out of range, or what it delivers is not what it declared."""


@dataclass(frozen=True)
class Part:
    """One mono or stereo source of a mix.

    `read` begins anew at each call and yields blocks of float32 (any number of frames, `channels`), `frames` in all, at
    `sample_rate` Hz. `gain_db` lies in [-60, 12], `pan` in [-1 (left), 1 (right)]. A muted part is not read, but it
    still counts for the length and the rate of the mix: unmuting it must move nothing. `name` is for messages.

    Raises:
        InvalidPart: if a setting is out of its range.
    """

    read: Callable[[], Iterator[Pcm]]
    sample_rate: int
    channels: int
    frames: int
    gain_db: float = 0.0
    pan: float = 0.0
    muted: bool = False
    name: str = "part"

    def __post_init__(self) -> None:
        """Refuse what could not be mixed."""
        if self.channels not in (1, 2):
            raise InvalidPart(f"{self.name}: a part has 1 or 2 channels, not {self.channels}")
        if self.sample_rate <= 0 or self.frames < 0:
            raise InvalidPart(f"{self.name}: {self.frames} frames at {self.sample_rate} Hz are no audio")
        if not _GAIN_DB[0] <= self.gain_db <= _GAIN_DB[1]:
            raise InvalidPart(f"{self.name}: a gain lies between -60 and +12 dB, not at {self.gain_db:g}")
        if not _PAN[0] <= self.pan <= _PAN[1]:
            raise InvalidPart(f"{self.name}: a pan lies between -1 and 1, not at {self.pan:g}")

    @classmethod
    def of_pcm(
        cls,
        pcm: Pcm,
        sample_rate: int,
        *,
        gain_db: float = 0.0,
        pan: float = 0.0,
        muted: bool = False,
        name: str = "part",
    ) -> Part:
        """A part that lies in memory: float32 (frames, channels).

        Raises:
            InvalidPart: if the shape or a setting is another.
        """
        if pcm.ndim != 2:
            raise InvalidPart(f"{name}: PCM has the shape (frames, channels), not {pcm.shape}")
        frames, channels = pcm.shape
        return cls(lambda: _slices(pcm), sample_rate, channels, frames, gain_db, pan, muted, name)

    @classmethod
    def of_file(
        cls,
        path: Path,
        *,
        scale_bits: int = 0,
        gain_db: float = 0.0,
        pan: float = 0.0,
        muted: bool = False,
        name: str = "part",
    ) -> Part:
        """A part that libsndfile reads from a file, block by block; its samples are the stored ones times 2**scale_bits.

        Raises:
            InvalidPart: if a setting is out of its range, or the file has neither 1 nor 2 channels.
            soundfile.LibsndfileError: if the file is missing or no audio.
        """
        info = soundfile.info(path)
        return cls(
            lambda: _file_blocks(path, 2.0**scale_bits),
            info.samplerate,
            info.channels,
            info.frames,
            gain_db,
            pan,
            muted,
            name,
        )


def _slices(pcm: Pcm) -> Iterator[Pcm]:
    for start in range(0, len(pcm), BLOCK_FRAMES):
        yield pcm[start : start + BLOCK_FRAMES]


def _file_blocks(path: Path, scale: float) -> Iterator[Pcm]:
    with soundfile.SoundFile(path) as source:
        while len(block := source.read(BLOCK_FRAMES, dtype="float32", always_2d=True)):
            yield block * np.float32(scale)
