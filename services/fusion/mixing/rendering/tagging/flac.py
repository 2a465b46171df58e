"""Metadata blocks of FLAC: RFC 9639, section 8."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

from services.fusion.mixing.rendering.tagging.rewriting import rewritten
from services.fusion.mixing.rendering.tagging.tags import Tags
from services.fusion.mixing.rendering.tagging.vorbis_comment import comments, vendor

__all__ = ["picture", "write"]

_MAGIC: Final = b"fLaC"
_COMMENTS: Final = 4
_PICTURE: Final = 6
_LAST: Final = 0x80
_FRONT_COVER: Final = 3
_BITS_OF_PNG: Final = 24


def write(path: Path, tags: Tags, cover: bytes | None) -> None:
    """Put comments and a picture in the place of the comments that the encoder wrote."""
    with rewritten(path) as (old, new):
        blocks = list(_blocks(old))
        encoder = next((vendor(body) for kind, body in blocks if kind == _COMMENTS), b"")
        kept = [(kind, body) for kind, body in blocks if kind != _COMMENTS]
        kept.append((_COMMENTS, comments(encoder, tags)))
        if cover:
            kept.append((_PICTURE, picture(cover)))
        new.write(_MAGIC)
        for kind, body in kept[:-1]:
            new.write(bytes([kind]) + len(body).to_bytes(3, "big") + body)
        kind, body = kept[-1]
        new.write(bytes([kind | _LAST]) + len(body).to_bytes(3, "big") + body)


def picture(cover: bytes) -> bytes:
    """The body of a picture block: a front cover in PNG, whose size stands in its first chunk."""
    width, height = struct.unpack_from(">II", cover, 16)
    mime = b"image/png"
    head = struct.pack(">II", _FRONT_COVER, len(mime)) + mime + struct.pack(">I", 0)
    return head + struct.pack(">IIIII", width, height, _BITS_OF_PNG, 0, len(cover)) + cover


def _blocks(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Kind and body of every metadata block; the file then stands at the sound."""
    if file.read(4) != _MAGIC:
        raise ValueError("no FLAC file")
    last = False
    while not last:
        head = file.read(4)
        last = bool(head[0] & _LAST)
        yield head[0] & ~_LAST, file.read(int.from_bytes(head[1:], "big"))
