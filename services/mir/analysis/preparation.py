"""From a track's own format to the one that everything here listens to: mono at 22,050 Hz.

What only the original channels tell, loudness and true peak, is measured on the way, so that a track is read once.
Stems are prepared as tracks are.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import soxr
from numpy.typing import NDArray

from services.mir.analysis.findings import Loudness, Silence
from services.mir.analysis.loudness import LoudnessMeter
from services.mir.analysis.loudness_range import loudness_range
from services.mir.analysis.progress import IsCancelled, check, never
from services.mir.analysis.true_peak import TruePeakMeter

__all__ = ["RATE", "InvalidAudio", "Mono", "Prepared", "prepare", "prepare_blocks"]

Pcm = NDArray[np.float32]
Mono = NDArray[np.float32]

RATE: Final = 22_050
"""Hz. Holds everything up to 11 kHz: hi-hats for the tempo, and more than pitch needs for the key."""

_BLOCK_FRAMES: Final = 1 << 15
_SILENT_DB: Final = -60.0  # relative to the track's peak: a tape's hiss and the end of a fade lie below
_SILENT_DBFS: Final = -80.0  # nothing below it was meant to be heard
_STRETCH: Final = 60 * RATE  # samples that are searched for sound at a time


class InvalidAudio(ValueError):
    """The samples are no audio: wrong shape, no channel, or not finite."""


@dataclass(frozen=True)
class Prepared:
    """A track as the analysis hears it.

    `mono`: float32 (samples,) at `RATE`, the mean of the channels. `seconds`: the track's exact length.
    `loudness`: of the original channels. `silence`: what lies 60 dB below the peak, or below -80 dBFS, at either end.
    `mapping`: of the file that `mono` lies in, if it is not in memory.
    """

    mono: Mono
    seconds: float
    loudness: Loudness = field(default_factory=Loudness)
    silence: Silence = field(default_factory=Silence)
    mapping: mmap.mmap | None = field(default=None, repr=False, compare=False)

    def rest(self) -> None:
        """Give back the memory into which a file's samples were read; whoever asks for them next has them read again."""
        if self.mapping is not None:
            self.mapping.madvise(mmap.MADV_DONTNEED)

    @property
    def silent(self) -> bool:
        """Whether there is no sound from beginning to end."""
        return self.silence.head_seconds >= self.seconds


def prepare(pcm: Pcm, sample_rate: int, cancelled: IsCancelled = never) -> Prepared:
    """Prepare decoded PCM, float32 (frames, channels) in [-1, 1] at `sample_rate` Hz.

    Raises:
        InvalidAudio: if the shape is another, there is no channel, or a sample is not finite.
        Cancelled: if `cancelled` answers True.
    """
    if pcm.ndim != 2:
        raise InvalidAudio(f"PCM has the shape (frames, channels), not {pcm.shape}")
    return prepare_blocks([pcm], sample_rate, pcm.shape[1], cancelled)


def prepare_blocks(
    blocks: Iterable[Pcm],
    sample_rate: int,
    channels: int,
    cancelled: IsCancelled = never,
    file: Path | None = None,
) -> Prepared:
    """Prepare a track that is read in blocks of float32 (any number of frames, `channels`).

    Keeps only the mono signal, 5.3 MB a minute, whatever the track's own format: in memory, or in a new `file` that is
    mapped into it, of which only what is being listened to need be there. The same track in other blocks is prepared to the
    same, bit by bit.

    Raises: as `prepare`; OSError if the file can't be written.
    """
    if sample_rate <= 0 or channels < 1:
        raise InvalidAudio(f"no audio has {channels} channels at {sample_rate} Hz")
    loudness, peak = LoudnessMeter(sample_rate, channels), TruePeakMeter(channels)
    resampler = soxr.ResampleStream(sample_rate, RATE, 1, dtype="float32")
    frames = 0

    def listened() -> Iterator[Mono]:
        nonlocal frames
        for block in _equal_blocks(blocks, channels):
            check(cancelled)
            loudness.add(block)
            peak.add(block)
            frames += len(block)
            yield resampler.resample_chunk(block.mean(axis=1, dtype=np.float32))
        yield resampler.resample_chunk(np.zeros(0, np.float32), last=True)

    mono, mapping = (np.concatenate(list(listened())), None) if file is None else _mapped(listened(), file)
    seconds = frames / sample_rate
    measured = Loudness(loudness.integrated(), loudness_range(loudness), peak.dbtp())
    prepared = Prepared(mono, seconds, measured, _silence(mono, seconds), mapping)
    prepared.rest()
    return prepared


def _mapped(parts: Iterable[Mono], file: Path) -> tuple[Mono, mmap.mmap | None]:
    """All parts one after the other in a new file, which is mapped into memory."""
    with file.open("x+b") as out:
        for part in parts:
            out.write(part.tobytes())
        out.flush()
        if not out.tell():  # an empty file can't be mapped
            return np.zeros(0, np.float32), None
        mapping = mmap.mmap(out.fileno(), 0, access=mmap.ACCESS_READ)
    return np.frombuffer(mapping, np.float32), mapping


def _equal_blocks(blocks: Iterable[Pcm], channels: int) -> Iterator[Pcm]:
    """The same frames in blocks of one size, so that rounding does not depend on the reader's; only the last is shorter."""
    held = np.zeros((0, channels), np.float32)
    for block in blocks:
        _require_shape(block, channels)
        held = np.concatenate([held, block]) if len(held) else block
        while len(held) >= _BLOCK_FRAMES:
            yield _finite(held[:_BLOCK_FRAMES])
            held = held[_BLOCK_FRAMES:]
    if len(held):
        yield _finite(held)


def _silence(mono: Mono, seconds: float) -> Silence:
    """All of it is head where nothing sounds."""
    peak = max((float(np.abs(part).max()) for part in _stretches(mono)), default=0.0)
    threshold = max(peak * 10 ** (_SILENT_DB / 20), 10 ** (_SILENT_DBFS / 20))
    head = _silent_samples(_stretches(mono), threshold)
    if head >= len(mono):
        return Silence(head_seconds=seconds)
    tail = _silent_samples(_stretches(mono[::-1]), threshold)
    return Silence(head / RATE, tail / RATE)


def _silent_samples(stretches: Iterable[Mono], threshold: float) -> int:
    """How many samples there are before the first that reaches `threshold`."""
    silent = 0
    for part in stretches:
        sounding = np.flatnonzero(np.abs(part) >= threshold)
        if len(sounding):
            return silent + int(sounding[0])
        silent += len(part)
    return silent


def _stretches(mono: Mono) -> Iterator[Mono]:
    return (mono[start : start + _STRETCH] for start in range(0, len(mono), _STRETCH))


def _require_shape(block: Pcm, channels: int) -> None:
    if block.ndim != 2 or block.shape[1] != channels:
        raise InvalidAudio(f"a block has the shape (frames, {channels}), not {block.shape}")


def _finite(block: Pcm) -> Pcm:
    if not np.isfinite(block).all():
        raise InvalidAudio("the audio has samples that are not finite numbers")
    return block
