"""All stems of one song, unchanged, are that song."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import numpy as np
import soundfile
from numpy.typing import NDArray

from bench.fusion.measure import Measure
from bench.fusion.pairs import Piece
from services.fusion.mixing.arrangement import Mastering
from services.fusion.mixing.mixdown import mix
from services.fusion.mixing.planning import arrange, suggest
from services.fusion.mixing.planning.wish import Wish
from services.fusion.mixing.rendering import Encoding, Format, render
from services.fusion.mixing.sources import FileSource

__all__ = ["identity"]

_STEPS: Final = 2**23  # of 24 bits
_SHIFT: Final = 8  # soundfile's 32 bits
_APART: Final = 1000

Steps = NDArray[np.int64]


def identity(piece: Piece) -> Iterator[Measure]:
    """The mix is stored in 24 bits, and so are the stems; the residual is what they lack of it."""
    stems = {name: _steps(stem) for name, stem in piece.song.stems.items()}
    whole = _steps(piece.song.mix)
    stems["residual"] = whole - np.sum(list(stems.values()), axis=0)
    with tempfile.TemporaryDirectory() as scratch:
        fused = _fused(piece, stems, Path(scratch))
    off = int(np.abs(fused - whole).max())
    decibels = 20 * np.log10(off / _STEPS) if off else -np.inf
    yield Measure("identity: stems and residual of one song", "bit-exact", f"{decibels:.0f} dB", not off)


def _steps(pcm: NDArray[np.float32] | NDArray[np.float64]) -> Steps:
    """Samples as whole steps, (frames, 2): a song in one channel becomes one in two that differ."""
    left = np.rint(np.asarray(pcm, np.float64).reshape(len(pcm), -1)[:, 0] * _STEPS / 4).astype(np.int64)
    return np.stack([left, np.roll(left, _APART)], axis=1)


def _fused(piece: Piece, stems: Mapping[str, Steps], folder: Path) -> Steps:
    """The WAV of a fusion that changes nothing, in steps."""
    rate = piece.song.sample_rate
    for name, stem in stems.items():
        file = folder / f"{name}.flac"
        soundfile.write(file, np.left_shift(stem, _SHIFT).astype(np.int32), rate, subtype="PCM_24")
    wish = Wish(tuple(piece.stem(name) for name in stems), mastering=Mastering(None))
    song = arrange(wish, {}, suggest(wish, {}, 1)[0])
    sources = {f"{piece.name}/{name}": FileSource(folder / f"{name}.flac") for name in stems}
    mixed = mix(song, sources, folder / "mix")
    path = render(mixed, Encoding(Format.WAV), folder / "song.wav").path
    fused: Steps = np.right_shift(soundfile.read(path, dtype="int32")[0].astype(np.int64), _SHIFT)
    return fused
