"""How much of a stranger's file we are willing to read."""

from dataclasses import asdict, dataclass
from math import floor
from typing import Self

CANONICAL_BYTES = 3
"""Bytes of one canonical sample: 24 bits."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one decode. Every number is a cap the child cannot argue with.

    Seconds are of audio unless the name says `wall` or `cpu`; sample rates are in Hz; `memory_bytes` is address space.
    """

    max_bytes: int = 200 * 1000 * 1000
    max_seconds: float = 15 * 60
    min_seconds: float = 0.1
    max_frames: int = 15 * 60 * 192_000
    min_sample_rate: int = 8_000
    max_sample_rate: int = 192_000
    max_channels: int = 2
    wall_seconds: float = 180
    cpu_seconds: int = 150
    memory_bytes: int = 1024**3

    @classmethod
    def from_json(cls, fields: dict[str, int | float]) -> Self:
        """Limits that crossed a process boundary."""
        return cls(**fields)  # type: ignore[arg-type]  # our own to_json wrote them

    def to_json(self) -> dict[str, int | float]:
        """Limits as plain numbers."""
        return asdict(self)

    def frames_at(self, sample_rate: int) -> int:
        """The most frames a song at `sample_rate` (Hz) may have."""
        return min(self.max_frames, floor(self.max_seconds * sample_rate))

    @property
    def output_bytes(self) -> int:
        """The most a decode may write to one file: FLAC that could not compress, plus framing."""
        return self.max_frames * self.max_channels * CANONICAL_BYTES * 11 // 10 + 1024**2
