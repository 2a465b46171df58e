"""A track's master: the FLAC file that ingest made, read where the engine asks."""

import threading
from pathlib import Path
from types import TracebackType
from typing import Self

import soundfile

from services.separation.stem_files import Pcm


class Master:
    """A file as the engine's `Track`: every part of it can be read, in any order, by any thread."""

    def __init__(self, path: Path) -> None:
        """Open the file; raises `soundfile.LibsndfileError` where it is none that can be read."""
        self._file = soundfile.SoundFile(path)
        self._reading = threading.Lock()
        self.sample_rate: int = self._file.samplerate
        self.channels: int = self._file.channels
        self.frames: int = self._file.frames

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def read(self, start: int, stop: int) -> Pcm:
        """Return the frames from `start` to before `stop`, float32 (n, channels); fewer where the file ends early."""
        with self._reading:
            if self._file.tell() != start:
                self._file.seek(start)
            pcm: Pcm = self._file.read(stop - start, dtype="float32", always_2d=True)
            return pcm
