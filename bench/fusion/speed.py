"""Wall-clock seconds and peak memory of a whole fusion of eight stems, each run in a process of its own."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter, process_time
from typing import Final

import numpy as np
import soundfile

from bench.fusion.measure import Measure
from services.fusion.mixing.arrangement import Arrangement, Piece, Voice
from services.fusion.mixing.mixdown import Mix, mix
from services.fusion.mixing.rendering import Encoding, Format, render
from services.fusion.mixing.sources import FileSource
from tests import songs

__all__ = ["speed"]

_STEMS: Final = 8
_RATE: Final = 44_100
_BEAT_SECONDS: Final = 0.5
_SLOPE: Final = 1.06
_DRIFT: Final = 0.01
_CENTS: Final = 200.0
_LIMIT_MB: Final = 700


@dataclass(frozen=True)
class _Run:
    mixing: float
    cpu: float
    wav: float
    mp3: float
    megabytes: float


def speed() -> Iterator[Measure]:
    """Three minutes stretched, half of it transposed as well; three minutes as they are; and both twice as long, for memory."""
    with tempfile.TemporaryDirectory() as scratch:
        stem = _stem(Path(scratch) / "stem.flac", 400)
        stretched, plain = (_alone(change, stem, 180) for change in (_stretched, _plain))
        yield _timed("3 minutes, 8 stems, stretched, half transposed", stretched, 18)
        yield _timed("3 minutes, 8 stems, none stretched", plain, 4)
        longer = [_alone(change, stem, 360) for change in (_stretched, _plain)]
    for name, run, twice in (("stretched", stretched, longer[0]), ("none stretched", plain, longer[1])):
        grown = twice.megabytes - run.megabytes
        said = f"{run.megabytes:.0f} MB, 6 minutes {twice.megabytes:.0f} MB"
        flat = run.megabytes < _LIMIT_MB and grown < 50
        yield Measure(f"peak memory, {name}", f"{_LIMIT_MB} MB, flat", said, flat)


def _timed(name: str, run: _Run, limit: float) -> Measure:
    seconds = run.mixing + run.wav
    said = f"{seconds:.1f} s (mix {run.mixing:.1f}, WAV {run.wav:.1f}; CPU {run.cpu:.1f}; MP3 {run.mp3:.1f} more)"
    return Measure(name, f"{limit} s", said, seconds <= limit)


def _stem(path: Path, seconds: int) -> Path:
    """A composed song over and over, in two channels that differ, as a stem is stored."""
    once = songs.compose(seconds=30, seed=5).mix
    whole = np.resize(once, (seconds * _RATE, once.shape[1]))[:, :1]
    soundfile.write(path, np.concatenate([whole, np.roll(whole, 50)], axis=1) * 0.2, _RATE, subtype="PCM_24")
    return path


def _alone(change: Callable[[int, int], Voice], stem: Path, seconds: int) -> _Run:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(_run, change, stem, seconds).result()


def _run(change: Callable[[int, int], Voice], stem: Path, seconds: int) -> _Run:
    song = Arrangement(_RATE, seconds * _RATE, tuple(change(number, seconds) for number in range(_STEMS)))
    sources = {voice.source: FileSource(stem) for voice in song.voices}
    with tempfile.TemporaryDirectory() as scratch:
        folder, began, began_cpu = Path(scratch), perf_counter(), process_time()
        mixed = mix(song, sources, folder / "mix")
        mixing = perf_counter() - began
        wav = _rendering(mixed, Encoding(Format.WAV), folder)
        cpu = process_time() - began_cpu
        mp3 = _rendering(mixed, Encoding(Format.MP3), folder)
    return _Run(mixing, cpu, wav, mp3, _peak_megabytes())


def _peak_megabytes() -> float:
    """Of this process alone; `getrusage` would begin with its parent's."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(re.findall(r"VmHWM:\s+(\d+) kB", status)[0]) / 1024


def _rendering(mixed: Mix, encoding: Encoding, folder: Path) -> float:
    began = perf_counter()
    render(mixed, encoding, folder / f"song.{encoding.format}")
    return perf_counter() - began


def _stretched(number: int, seconds: int) -> Voice:
    """Every beat has an anchor, and the tempo drifts."""
    beats = np.arange(round(seconds / _BEAT_SECONDS) + 1) * _BEAT_SECONDS
    times = beats * _SLOPE + _DRIFT * np.sin(beats / 10 + number)
    anchors = tuple((round(beat * _RATE), float(time)) for beat, time in zip(beats, times, strict=True))
    return Voice(f"voice {number}", str(number), (Piece(anchors),), cents=_CENTS * (number % 2))


def _plain(number: int, seconds: int) -> Voice:
    return Voice(f"voice {number}", str(number), (Piece(((0, 0.0), (seconds * _RATE, float(seconds)))),))
