"""ID3v2.4 (M. Nilsson, "ID3 tag version 2.4.0", 2000): tags of MP3, and of WAV in a chunk of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from services.fusion.mixing.rendering.tagging.rewriting import rewritten
from services.fusion.mixing.rendering.tagging.tags import Tags

__all__ = ["id3_tag", "write"]

_UTF_8: Final = b"\x03"
_FRONT_COVER: Final = b"\x03"
_LANGUAGE: Final = b"eng"


def write(path: Path, tags: Tags, cover: bytes | None) -> None:
    """Put a tag before the sound of an MP3 file."""
    with rewritten(path) as (_, new):
        new.write(id3_tag(tags, cover))


def id3_tag(tags: Tags, cover: bytes | None) -> bytes:
    """The whole tag; nothing if it would be empty, which the standard forbids."""
    texts = {
        b"TIT2": tags.title,
        b"TPE1": tags.artist,
        b"TALB": tags.album,
        b"TBPM": "" if tags.bpm is None else str(round(tags.bpm)),  # the standard knows whole beats only
        b"TKEY": tags.key,
        b"TCOP": tags.copyright,
    }
    frames = [_frame(name, _UTF_8 + text.encode()) for name, text in texts.items() if text]
    if tags.comment:
        frames.append(_frame(b"COMM", _UTF_8 + _LANGUAGE + b"\0" + tags.comment.encode()))
    if cover:
        frames.append(_frame(b"APIC", _UTF_8 + b"image/png\0" + _FRONT_COVER + b"\0" + cover))
    body = b"".join(frames)
    return b"ID3\x04\x00\x00" + _synchsafe(len(body)) + body if body else b""


def _frame(name: bytes, body: bytes) -> bytes:
    return name + _synchsafe(len(body)) + b"\0\0" + body


def _synchsafe(size: int) -> bytes:
    """28 bits in four bytes whose uppermost bit is never set, so that no decoder takes them for sound."""
    return bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0))
