"""Vorbis comments (xiph.org, "Ogg Vorbis I format specification: comment field"): the tags of FLAC, Vorbis and Opus."""

from __future__ import annotations

from services.fusion.mixing.rendering.tagging.tags import Tags

__all__ = ["comments", "vendor"]


def comments(vendor_name: bytes, tags: Tags, *more: str) -> bytes:
    """The comment header, without a framing bit; `more` are further `NAME=value`."""
    fields = {
        "TITLE": tags.title,
        "ARTIST": tags.artist,
        "ALBUM": tags.album,
        "BPM": "" if tags.bpm is None else f"{tags.bpm:.6g}",
        "INITIALKEY": tags.key,
        "COMMENT": tags.comment,
        "COPYRIGHT": tags.copyright,
    }
    entries = [f"{name}={value}" for name, value in fields.items() if value] + list(more)
    listed = b"".join(_counted(entry.encode()) for entry in entries)
    return _counted(vendor_name) + len(entries).to_bytes(4, "little") + listed


def vendor(header: bytes) -> bytes:
    """The name of the encoder, of a comment header."""
    return header[4 : 4 + int.from_bytes(header[:4], "little")]


def _counted(text: bytes) -> bytes:
    return len(text).to_bytes(4, "little") + text
