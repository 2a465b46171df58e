"""What a WAV (RIFF, RF64) or AIFF file claims in its chunks, read without decoding.

libsndfile quietly shortens a claim that the file cannot keep; we want to know, because it tells a truncated upload from
a short song. Sources: Microsoft's Multimedia Programming Interface 1.0; EBU Tech 3306 (RF64); Apple AIFF 1.3.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

CHUNK_LIMIT = 10_000
"""No real file has more chunks; a made-up one may."""

STREAMED_FROM = 0x7FFF_F000
"""Writers to a pipe cannot know the length and put a size of 2 GB (SoX) or 4 GB (ffmpeg) there: no claim at all."""


class Seekable(Protocol):
    """As much of a file as reading chunks takes."""

    def seek(self, offset: int, /) -> int:
        """Go to byte `offset`."""

    def read(self, count: int, /) -> bytes:
        """At most `count` bytes."""


@dataclass(frozen=True, slots=True)
class Claims:
    """The header's word. None: it does not say.

    sound_claimed, sound_present: bytes of sample data promised and there.
    """

    channels: int | None = None
    sample_rate: int | None = None
    sound_claimed: int | None = None
    sound_present: int = 0
    cut: bool = False

    @property
    def completeness(self) -> float:
        """Share of the promised sound that is there, 0 to 1; 1 where nothing was promised."""
        if self.sound_claimed is None:
            return 0.0 if self.cut else 1.0
        return min(1.0, self.sound_present / self.sound_claimed) if self.sound_claimed else 0.0


@dataclass(frozen=True, slots=True)
class _Chunk:
    name: bytes
    start: int
    size: int


def read_claims(file: Seekable, size: int) -> Claims:
    """Claims of the WAV or AIFF in `file`, which is `size` bytes long."""
    file.seek(0)
    order = ">" if file.read(4) == b"FORM" else "<"
    chunks = list(_chunks(file, size, order))
    described = _chunk(chunks, b"COMM" if order == ">" else b"fmt ")
    channels, rate = _description(file, described, order)
    sound = _chunk(chunks, b"SSND" if order == ">" else b"data")
    if sound is None:
        last = chunks[-1] if chunks else None
        return Claims(channels, rate, cut=last is None or last.start + last.size > size)
    present = max(0, size - sound.start)
    claimed = _sound_size(file, sound, _chunk(chunks, b"ds64"))
    if claimed is None:
        return Claims(channels, rate, None, present)
    if claimed == 0 and present == 0:
        return Claims(channels, rate, None, 0)
    return Claims(channels, rate, claimed, min(present, claimed))


def _chunks(file: Seekable, size: int, order: str) -> Iterator[_Chunk]:
    at = 12
    for _ in range(CHUNK_LIMIT):
        file.seek(at)
        header = file.read(8)
        if len(header) < 8:
            return
        name, length = header[:4], int.from_bytes(header[4:], "big" if order == ">" else "little")
        yield _Chunk(name, at + 8, length)
        at += 8 + length + length % 2
        if at >= size:
            return


def _chunk(chunks: list[_Chunk], name: bytes) -> _Chunk | None:
    return next((chunk for chunk in chunks if chunk.name == name), None)


def _description(file: Seekable, chunk: _Chunk | None, order: str) -> tuple[int | None, int | None]:
    """Channels and sample rate (Hz). AIFF keeps its rate as an 80-bit float, which is left to the decoder."""
    if chunk is None:
        return None, None
    file.seek(chunk.start)
    body = file.read(8)
    if len(body) < 8:
        return None, None
    if order == ">":
        return struct.unpack(">H", body[:2])[0], None
    channels, rate = struct.unpack("<HI", body[2:8])
    return channels, rate


def _sound_size(file: Seekable, sound: _Chunk, ds64: _Chunk | None) -> int | None:
    if sound.size < STREAMED_FROM:
        return sound.size
    if ds64 is None:
        return None
    file.seek(ds64.start + 8)  # after the RIFF size
    body = file.read(8)
    return int.from_bytes(body, "little") if len(body) == 8 else None
