"""The formats a stem is offered in, and what downloads are called."""

import unicodedata
from dataclasses import dataclass

LONGEST_TITLE = 180
UNTITLED = "untitled"
_FORBIDDEN = '/\\:*?"<>|'


@dataclass(frozen=True)
class Format:
    """A file format: its ending and its media type."""

    extension: str
    media_type: str


FLAC = Format("flac", "audio/flac")
WAV = Format("wav", "audio/wav")
MP3 = Format("mp3", "audio/mpeg")
ZIP = Format("zip", "application/zip")


def stored_form(object_key: str) -> Format:
    """Return the format of a stored stem: FLAC, but for residuals that exceed full scale."""
    return WAV if object_key.endswith(f".{WAV.extension}") else FLAC


def offered_form(object_key: str, wanted: Format) -> Format:
    """Return the format in which a stem is given to those who want it in another: no FLAC holds 32 bits, so a WAV stays one."""
    return stored_form(object_key) if wanted == FLAC else wanted


def stem_filename(title: str, stem_type: str, form: Format) -> str:
    """Return what a stem is saved as: `<title> - vocals.mp3`."""
    return f"{_safe(title)} - {stem_type}.{form.extension}"


def archive_filename(title: str) -> str:
    """Return what an archive is saved as: `<title> - stems.zip`."""
    return f"{_safe(title)} - stems.zip"


def _safe(title: str) -> str:
    """Return the title without what a file system or a terminal could take for more than text."""
    kept = (
        "_" if char in _FORBIDDEN else char
        for char in unicodedata.normalize("NFC", title)
        if char.isspace() or not unicodedata.category(char).startswith("C")
    )
    return " ".join("".join(kept).split()).strip(". ")[:LONGEST_TITLE].rstrip() or UNTITLED
