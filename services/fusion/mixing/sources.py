"""A stem's samples, at any place of it: in memory or in a file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Lock
from typing import Final, Protocol, Self

import numpy as np
import soundfile
from numpy.typing import NDArray

__all__ = ["BLOCK_FRAMES", "ArraySource", "FileSource", "InvalidSource", "Pcm", "Source"]

Pcm = NDArray[np.float32]
"""Float samples, nominally in [-1, 1], of shape (frames, channels)."""

BLOCK_FRAMES: Final = 16_384
"""Frames that are read, added and written at a time; libsndfile's lossy encoders crash on very long pieces."""

_CURSORS: Final = 4  # places of one file that are read at the same time: loops, previews, two voices of one stem


class InvalidSource(ValueError):
    """A source is not what it declares: neither mono nor stereo, cut off, or with samples that are not numbers."""


class Source(Protocol):
    """A stem's samples: read anywhere, cheapest in order; safe to be read by several threads."""

    @property
    def sample_rate(self) -> int:
        """In Hz."""

    @property
    def channels(self) -> int:
        """1 or 2."""

    @property
    def frames(self) -> int:
        """Its length; 0 is allowed."""

    def read(self, start: int, frames: int) -> Pcm:
        """Exactly `frames` frames from `start` on, float32 (frames, channels); silence outside [0, self.frames).

        `start` may be negative. The array is the caller's to change.

        Raises:
            InvalidSource: if the source is not what it declared.
        """


class ArraySource:
    """A source that lies in memory."""

    def __init__(self, pcm: Pcm, sample_rate: int) -> None:
        """Of float32 (frames, 1 or 2) at `sample_rate` Hz.

        Raises:
            InvalidSource: if the shape is another or a sample is not finite.
        """
        if pcm.ndim != 2:
            raise InvalidSource(f"PCM has the shape (frames, channels), not {pcm.shape}")
        self._pcm = pcm
        self.frames, self.channels = pcm.shape
        self.sample_rate = sample_rate
        _check_format(self.sample_rate, self.channels)
        _check_finite(pcm)

    def read(self, start: int, frames: int) -> Pcm:
        """As `Source.read`."""
        first, end = _inside(start, frames, self.frames)
        return _in_silence(self._pcm[first:end].astype(np.float32), first - start, frames)


class FileSource:
    """A source that libsndfile reads from a file; its samples are the stored ones times 2**scale_bits.

    It seeks only when it isn't read in order, and keeps a few places open, so that several readers don't disturb each other.
    Files stay open until `close`, or the end of a `with`.
    """

    def __init__(self, path: Path, scale_bits: int = 0) -> None:
        """Of the file at `path`, which stays unchanged.

        Raises:
            InvalidSource: if the file has neither 1 nor 2 channels.
            soundfile.LibsndfileError: if the file is missing or no audio.
        """
        info = soundfile.info(path)
        self.sample_rate: int = info.samplerate
        self.channels: int = info.channels
        self.frames: int = info.frames
        _check_format(self.sample_rate, self.channels)
        self._path = path
        self._scale = np.float32(2.0**scale_bits)
        self._lock = Lock()
        self._idle: list[tuple[int, soundfile.SoundFile]] = []  # (its next frame, file), the latest used last

    def read(self, start: int, frames: int) -> Pcm:
        """As `Source.read`."""
        first, end = _inside(start, frames, self.frames)
        stored = self._stored(first, end - first) if end > first else np.zeros((0, self.channels), np.float32)
        return _in_silence(stored, first - start, frames)

    def close(self) -> None:
        """Close the file; a later read opens it again."""
        with self._lock, ExitStack() as closing:
            while self._idle:
                closing.callback(self._idle.pop()[1].close)

    def __enter__(self) -> Self:
        """Nothing is opened before it is read."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self.close()

    def _stored(self, start: int, frames: int) -> Pcm:
        try:
            with self._file_at(start) as file:
                block: Pcm = file.read(frames, dtype="float32", always_2d=True)
        except soundfile.LibsndfileError as error:
            raise InvalidSource(f"damaged after {start} of {self.frames} frames: {error}") from None
        if len(block) < frames:
            raise InvalidSource(f"ended after {start + len(block)} of {self.frames} frames")
        _check_finite(block)
        return block * self._scale if self._scale != 1 else block

    @contextmanager
    def _file_at(self, frame: int) -> Iterator[soundfile.SoundFile]:
        """A file whose next frame is `frame`, for this reader alone."""
        position, file = self._taken(frame)
        try:
            if position != frame:
                file.seek(frame)
            yield file
        except BaseException:
            file.close()
            raise
        with self._lock:
            self._idle.append((file.tell(), file))

    def _taken(self, frame: int) -> tuple[int, soundfile.SoundFile]:
        """The one that has just come to `frame`; else a fresh one, while there are few; else the longest unused."""
        with self._lock:
            for number, (position, _) in enumerate(self._idle):
                if position == frame:
                    return self._idle.pop(number)
            if len(self._idle) >= _CURSORS:
                return self._idle.pop(0)
        return 0, soundfile.SoundFile(self._path)


def _check_format(sample_rate: int, channels: int) -> None:
    if channels not in (1, 2):
        raise InvalidSource(f"a stem has 1 or 2 channels, not {channels}")
    if sample_rate <= 0:
        raise InvalidSource(f"{sample_rate} Hz is no sample rate")


def _check_finite(pcm: Pcm) -> None:
    if not np.isfinite(pcm).all():
        raise InvalidSource("samples that are not finite numbers")


def _inside(start: int, frames: int, length: int) -> tuple[int, int]:
    """What of [start, start + frames) lies in [0, length); empty: twice the same."""
    first = min(max(start, 0), length)
    return first, min(max(start + frames, first), length)


def _in_silence(heard: Pcm, before: int, frames: int) -> Pcm:
    """`heard` in `frames` frames of silence, after `before` of them."""
    if len(heard) == frames:
        return heard
    block = np.zeros((frames, heard.shape[1]), np.float32)
    block[before : before + len(heard)] = heard
    return block
