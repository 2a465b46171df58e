"""Tags into a finished file of any format."""

from __future__ import annotations

from pathlib import Path

from services.fusion.mixing.rendering.encoding import Format
from services.fusion.mixing.rendering.tagging import flac, id3, ogg, riff
from services.fusion.mixing.rendering.tagging.tags import Tags

__all__ = ["tag"]


def tag(path: Path, kind: Format, tags: Tags, cover: bytes | None = None) -> None:
    """Write tags and a cover (PNG) into a file that this package has encoded; its sound stays as it is, bit for bit.

    Raises:
        OSError: if there is no room.
    """
    match kind:
        case Format.WAV:
            riff.write(path, tags, cover)
        case Format.FLAC:
            flac.write(path, tags, cover)
        case Format.MP3:
            id3.write(path, tags, cover)
        case Format.OGG | Format.OPUS:
            ogg.write(path, tags, cover)
