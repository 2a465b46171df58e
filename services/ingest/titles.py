"""Titles: what a user calls a track. Free text, made harmless; unlike a file's name it may hold slashes."""

import unicodedata

from chassis.errors import InvalidInput
from services.ingest import filenames

LONGEST = 200
_JOINERS = "\u200c\u200d"  # needed by names in several scripts, and by emoji


def clean(title: str) -> str:
    """Return the title as it is shown: NFC, on one line, nothing invisible. Raises `InvalidInput` when it is too long."""
    shown = "".join(filter(_shows, unicodedata.normalize("NFC", title)))
    cleaned = " ".join(shown.split()).strip(_JOINERS + " ")
    if len(cleaned) > LONGEST:
        raise InvalidInput(
            "TITLE_TOO_LONG", f"A title has at most {LONGEST} characters; this one has {len(cleaned)}.", limit=LONGEST
        )
    return cleaned


def _shows(char: str) -> bool:
    return char.isprintable() or char.isspace() or char in _JOINERS


def of_file(filename: str) -> str:
    """Return the title of a track that was given none: the (clean) name of its file without the ending."""
    stem, _, _ = filename.rpartition(".")
    return (stem or filename)[:LONGEST].rstrip()


def as_filename(title: str, ending: str) -> str:
    """Return the name under which a track with this title is saved."""
    flat = title.replace("/", "-").replace("\\", "-")
    return filenames.clean(f"{flat or filenames.UNTITLED}.{ending}")
