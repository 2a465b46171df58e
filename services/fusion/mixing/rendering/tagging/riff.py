"""Tags of WAV: a LIST of INFO (Microsoft and IBM, "Multimedia Programming Interface and Data Specifications 1.0", 1991), and
for what that does not know an `id3 ` chunk, as DJ software reads it.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO, Final

from services.fusion.mixing.rendering.tagging.id3 import id3_tag
from services.fusion.mixing.rendering.tagging.tags import Tags

__all__ = ["write"]

_HEAD: Final = 12  # RIFF, size, WAVE
_TIME_IN_PEAK: Final = 4  # after its version


def write(path: Path, tags: Tags, cover: bytes | None) -> None:
    """Append tags to a file that has none."""
    with path.open("r+b") as file:
        _forget_the_time(file)
        end = file.seek(0, 2)
        tag = id3_tag(tags, cover)
        file.write(b"\0" * (end % 2) + _info(tags) + (_chunk(b"id3 ", tag) if tag else b""))
        size = file.tell() - 8
        file.seek(4)
        file.write(struct.pack("<I", size))


def _forget_the_time(file: BinaryIO) -> None:
    """Libsndfile says in the PEAK chunk of float files when they were written: the same song would have other bytes."""
    file.seek(_HEAD)
    while (head := file.read(8))[:4] not in (b"data", b""):
        at, size = file.tell(), int.from_bytes(head[4:], "little")
        if head[:4] == b"PEAK":
            file.seek(at + _TIME_IN_PEAK)
            file.write(bytes(4))
        file.seek(at + size + size % 2)


def _info(tags: Tags) -> bytes:
    fields = {
        b"INAM": tags.title,
        b"IART": tags.artist,
        b"IPRD": tags.album,
        b"ICMT": tags.comment,
        b"ICOP": tags.copyright,
    }
    chunks = [_chunk(name, text.encode() + b"\0") for name, text in fields.items() if text]
    return _chunk(b"LIST", b"INFO" + b"".join(chunks)) if chunks else b""


def _chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)
