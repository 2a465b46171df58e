"""The songs of the bench: made once, kept under `.puremusic/bench` until the generator changes."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Final, Literal

import numpy as np
import soundfile
from numpy.typing import NDArray

from tests import songs
from tests.songs import gm

__all__ = ["HOME", "Half", "Pcm", "Piece", "collection", "generation"]

HOME: Final = Path(".puremusic/bench")
Half = Literal["tuning", "reporting"]
Pcm = NDArray[np.float32]

_GENERATOR: Final = Path(songs.__file__).parent


@dataclass(frozen=True)
class Piece:
    """One song of the collection."""

    seed: int

    @cached_property
    def recipe(self) -> songs.Recipe:
        """Its traits."""
        return songs.draw_recipe(self.seed)

    @cached_property
    def truth(self) -> songs.Truth:
        """What is true of it."""
        return songs.truth_of(self.seed)

    @property
    def file(self) -> Path:
        """Where its sound is kept, once it was made."""
        return HOME / "songs" / generation() / f"{self.seed}.flac"

    def sound(self) -> tuple[Pcm, int]:
        """Float32 (frames, 2) and the rate."""
        if not self.file.is_file():
            self._make()
        pcm, rate = soundfile.read(self.file, dtype="float32", always_2d=True)
        return pcm, rate

    def _make(self) -> None:
        song = songs.compose_song(self.seed)
        self.file.parent.mkdir(parents=True, exist_ok=True)
        part = self.file.with_suffix(f".{os.getpid()}.flac")
        songs.write(song.mix, song.sample_rate, part)
        part.replace(self.file)


def collection(count: int, half: Half | None) -> Sequence[Piece]:
    """The first `count` songs, or those of them whose seeds are even (tuning) or odd (reporting)."""
    kept = {None: (0, 1), "tuning": (0,), "reporting": (1,)}[half]
    return [Piece(seed) for seed in range(count) if seed % 2 in kept]


@cache
def generation() -> str:
    """A name that changes with the generator and with the sounds that it finds here."""
    digest = hashlib.sha256(str(gm.soundfont()).encode())
    for module in sorted(_GENERATOR.glob("*.py")):
        digest.update(module.read_bytes())
    return digest.hexdigest()[:12]
