"""Comment headers of Ogg Vorbis and Ogg Opus: RFC 3533 (pages), RFC 7845 (Opus), xiph.org's "Vorbis I" and "VorbisComment:
METADATA_BLOCK_PICTURE".

Another comment header takes other pages, so every page after it is numbered anew. All get one serial number too, where the
encoder rolls dice: the same song then has the same bytes.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import BinaryIO, Final

from services.fusion.mixing.rendering.tagging.flac import picture
from services.fusion.mixing.rendering.tagging.rewriting import rewritten
from services.fusion.mixing.rendering.tagging.tags import Tags
from services.fusion.mixing.rendering.tagging.vorbis_comment import comments, vendor

__all__ = ["write"]

_HEAD: Final = 27
_CONTINUED: Final = 1
_SEGMENT: Final = 255
_SEGMENTS: Final = 255  # of a page, at most
_SERIAL: Final = (1).to_bytes(4, "little")
_UNFINISHED: Final = b"\xff" * 8  # the position of a page on which no packet ends
_VORBIS: Final = b"\x03vorbis"
_OPUS: Final = b"OpusTags"
_MIRRORED: Final = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


@dataclass(frozen=True)
class _Page:
    flags: int
    position: bytes
    segments: bytes
    body: bytes

    def packed(self, number: int) -> bytes:
        """The page as it stands in the file, its checksum with it."""
        head = b"OggS\0" + bytes([self.flags]) + self.position + _SERIAL + number.to_bytes(4, "little")
        tail = bytes([len(self.segments)]) + self.segments + self.body
        return head + _checksum(head + bytes(4) + tail) + tail


def write(path: Path, tags: Tags, cover: bytes | None) -> None:
    """Put comments, the cover among them, in the place of those that the encoder wrote."""
    pictured = () if cover is None else (f"METADATA_BLOCK_PICTURE={base64.b64encode(picture(cover)).decode()}",)
    with rewritten(path) as (old, new):
        pages = _pages(old)
        for number, page in enumerate(chain(_headers(pages, tags, pictured), pages)):
            new.write(page.packed(number))


def _headers(pages: Iterator[_Page], tags: Tags, more: tuple[str, ...]) -> Iterator[_Page]:
    """The first page as it is, then those of the comments and of what else comes before the sound."""
    first = next(pages)
    yield first
    wanted = 2 if first.body.startswith(b"\x01vorbis") else 1
    old, *others = _packets(pages, wanted)
    magic = _VORBIS if old.startswith(_VORBIS) else _OPUS
    fresh = magic + comments(vendor(old[len(magic) :]), tags, *more) + (b"\x01" if magic == _VORBIS else b"")
    for packet in (fresh, *others):
        yield from _paged(packet)


def _packets(pages: Iterator[_Page], wanted: int) -> list[bytes]:
    """The next packets; the last of them ends its page, as both standards have it."""
    packets: list[bytes] = []
    rest = b""
    while len(packets) < wanted:
        page, at = next(pages), 0
        for size in page.segments:
            rest += page.body[at : at + size]
            at += size
            if size < _SEGMENT:
                packets.append(rest)
                rest = b""
    return packets


def _paged(packet: bytes) -> Iterator[_Page]:
    """A packet on pages of its own."""
    whole, rest = divmod(len(packet), _SEGMENT)
    segments, at = bytes([_SEGMENT] * whole + [rest]), 0
    for start in range(0, len(segments), _SEGMENTS):
        some = segments[start : start + _SEGMENTS]
        body = packet[at : at + sum(some)]
        at += len(body)
        page = _Page(_CONTINUED if start else 0, bytes(8), some, body)
        yield page if start + _SEGMENTS >= len(segments) else replace(page, position=_UNFINISHED)


def _pages(file: BinaryIO) -> Iterator[_Page]:
    while head := file.read(_HEAD):
        segments = file.read(head[26])
        yield _Page(head[5], head[6:14], segments, file.read(sum(segments)))


def _checksum(page: bytes) -> bytes:
    """CRC-32 by the polynomial 0x04C11DB7, uppermost bit first, from 0: zlib's, in a mirror."""
    mirrored = zlib.crc32(page.translate(_MIRRORED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return mirrored.to_bytes(4, "big").translate(_MIRRORED)
