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
from bench.fusion.pairs import Pcm, Piece
from services.fusion.mixing.arrangement import Mastering
from services.fusion.mixing.mixdown import mix
from services.fusion.mixing.planning import arrange, suggest
from services.fusion.mixing.planning.wish import StemWish, Wish
from services.fusion.mixing.rendering import Encoding, Format, render
from services.fusion.mixing.sources import FileSource

__all__ = ["identity", "sums_up"]

_STEPS: Final = 2**23  # of 24 bits
_SHIFT: Final = 8  # soundfile's 32 bits
_APART: Final = 1000

Steps = NDArray[np.int64]


def identity(piece: Piece) -> Iterator[Measure]:
    """A composed song: the mix is stored in 24 bits, and so are the stems; the residual is what they lack of it."""
    stems = {name: _in_two_channels(stem) for name, stem in piece.song.stems.items()}
    yield sums_up("one song", stems, _in_two_channels(piece.song.mix), piece.song.sample_rate)


def sums_up(name: str, stems: Mapping[str, Pcm], whole: Pcm, rate: int) -> Measure:
    """Whether stems, (frames, 2) and within full scale, and what they leave of their song are that song when fused."""
    steps = {stem: _steps(pcm) for stem, pcm in stems.items()}
    wanted = _steps(whole)
    steps["residual"] = wanted - np.sum(list(steps.values()), axis=0)
    with tempfile.TemporaryDirectory() as scratch:
        fused = _fused(steps, rate, Path(scratch))
    off = int(np.abs(fused - wanted).max())
    decibels = 20 * np.log10(off / _STEPS) if off else -np.inf
    return Measure(f"identity: stems and residual of {name}", "bit-exact", f"{decibels:.0f} dB", not off)


def _in_two_channels(pcm: Pcm | NDArray[np.float64]) -> Pcm:
    """A quarter of a song in one channel, in two that differ."""
    left = np.asarray(pcm, np.float64).reshape(len(pcm), -1)[:, 0] / 4
    return np.stack([left, np.roll(left, _APART)], axis=1).astype(np.float32)


def _steps(pcm: Pcm) -> Steps:
    return np.rint(np.asarray(pcm, np.float64) * _STEPS).astype(np.int64)


def _fused(stems: Mapping[str, Steps], rate: int, folder: Path) -> Steps:
    """The WAV of a fusion that changes nothing, in steps."""
    for name, stem in stems.items():
        soundfile.write(folder / f"{name}.flac", np.left_shift(stem, _SHIFT).astype(np.int32), rate, subtype="PCM_24")
    seconds = len(stems["residual"]) / rate
    wishes = tuple(StemWish(name, "song", "other", seconds, rate) for name in stems)
    wish = Wish(wishes, mastering=Mastering(None))
    song = arrange(wish, {}, suggest(wish, {}, 1)[0])
    mixed = mix(song, {name: FileSource(folder / f"{name}.flac") for name in stems}, folder / "mix")
    path = render(mixed, Encoding(Format.WAV), folder / "song.wav").path
    fused: Steps = np.right_shift(soundfile.read(path, dtype="int32")[0].astype(np.int64), _SHIFT)
    return fused
