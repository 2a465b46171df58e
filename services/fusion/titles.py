"""Titles: what a user calls a fusion, what it is called without a wish, and what it is saved as."""

import unicodedata
from collections.abc import Iterable

from chassis.errors import InvalidInput

LONGEST = 200
LONGEST_IN_FILENAME = 180
UNTITLED = "untitled"
_JOINERS = "\u200c\u200d"  # needed by names in several scripts, and by emoji
_FORBIDDEN = '/\\:*?"<>|'


def clean(title: str) -> str:
    """Return the title as it is shown: NFC, on one line, nothing invisible. Raises `InvalidInput` when it is too long."""
    shown = "".join(filter(_shows, unicodedata.normalize("NFC", title)))
    cleaned = " ".join(shown.split()).strip(_JOINERS + " ")
    if len(cleaned) > LONGEST:
        raise InvalidInput(
            "TITLE_TOO_LONG", f"A title has at most {LONGEST} characters; this one has {len(cleaned)}.", limit=LONGEST
        )
    return cleaned


def of_stems(stems: Iterable[tuple[str, str]]) -> str:
    """Return `vocals + drums, bass` for (track, type) pairs: the types, track by track."""
    by_track: dict[str, list[str]] = {}
    for track_id, stem_type in stems:
        by_track.setdefault(track_id, []).append(stem_type)
    return " + ".join(", ".join(types) for types in by_track.values())[:LONGEST]


def as_filename(title: str, ending: str) -> str:
    """Return the name under which the song is saved: nothing in it is a path, or more than text to a file system."""
    flat = "".join("_" if char in _FORBIDDEN else char for char in title)
    return f"{flat.strip('. ')[:LONGEST_IN_FILENAME].rstrip() or UNTITLED}.{ending}"


def _shows(char: str) -> bool:
    return char.isprintable() or char.isspace() or char in _JOINERS
