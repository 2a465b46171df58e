"""What each voice adds to a song, kept on disk while the song is performed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np

from services.fusion.mixing.sources import BLOCK_FRAMES, Pcm

__all__ = ["VoiceFiles"]

_CHANNELS: Final = 2


class VoiceFiles:
    """A folder with a file of raw float32 (frames, 2) for each voice. Give `add` to who performs the song."""

    def __init__(self, folder: Path, sample_rate: int) -> None:
        """Keep voices at `sample_rate` Hz in an empty folder that exists; it is the caller's to remove."""
        self.sample_rate = sample_rate
        self._folder = folder
        self._paths: dict[str, Path] = {}
        self._frames: dict[str, int] = {}
        self._peak = 0.0

    def add(self, name: str, block: Pcm) -> None:
        """Take a voice's next block: float32 (n, 2), at its level in the song."""
        path = self._paths.setdefault(name, self._folder / f"voice{len(self._paths)}.f32")
        with path.open("ab") as file:
            file.write(np.ascontiguousarray(block, np.float32).tobytes())
        self._frames[name] = self._frames.get(name, 0) + len(block)
        if len(block):
            self._peak = max(self._peak, float(np.abs(block).max()))

    @property
    def names(self) -> tuple[str, ...]:
        """The voices, in the order in which they were first heard."""
        return tuple(self._paths)

    @property
    def frames(self) -> int:
        """How long the song is, by its longest voice."""
        return max(self._frames.values(), default=0)

    @property
    def peak(self) -> float:
        """The largest magnitude of a sample in any voice."""
        return self._peak

    def blocks(self, *names: str) -> Iterator[Pcm]:
        """The sum of some voices, `frames` frames: float32 (at most BLOCK_FRAMES, 2) at a time."""
        for start in range(0, self.frames, BLOCK_FRAMES):
            total = np.zeros((min(BLOCK_FRAMES, self.frames - start), _CHANNELS), np.float32)
            for name in names:
                heard = self._read(name, start)
                total[: len(heard)] += heard
            yield total

    def _read(self, name: str, start: int) -> Pcm:
        """At most BLOCK_FRAMES frames."""
        offset, count = start * _CHANNELS * np.float32().nbytes, BLOCK_FRAMES * _CHANNELS
        return np.fromfile(self._paths[name], np.float32, count, offset=offset).reshape(-1, _CHANNELS)
