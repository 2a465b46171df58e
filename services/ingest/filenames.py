"""Names of uploaded files: shown to people, offered on download, never used as a path.

Object keys and temporary files have names of our own; what a user called a file is only text. It is made harmless rather
than refused: nobody should lose an upload over a name.
"""

import unicodedata
from typing import Final
from urllib.parse import quote

LONGEST: Final = 255
UNTITLED: Final = "untitled"

# Unicode categories that never show, or that change how the rest shows: controls, surrogates, private use, unassigned,
# line and paragraph separators.
_INVISIBLE: Final = frozenset(("Cc", "Cs", "Co", "Cn", "Zl", "Zp"))

# Format characters (Cf) are dropped as well, bidirectional overrides first among them ("gpm.exe" can be made to read
# "exe.mpg"); these two only join letters and emoji, and names in several scripts need them.
_JOINERS: Final = "\u200c\u200d"

_RESERVED_IN_HEADER: Final = '"\\%'
_LONGEST_EXTENSION: Final = 16


def clean(original: str) -> str:
    """`original` as it is shown: the last part of any path, NFC, 1 to LONGEST characters, none of them invisible.

    Runs of white space become one space, and leading dots go. What is too long loses the end of its stem and keeps its
    extension. Where nothing is left the name is UNTITLED. Never raises; cleaning twice changes nothing.
    """
    # Normalise first: it can produce characters that have to go. Invisible ones then go before paths are looked for.
    visible = "".join(filter(_shows, unicodedata.normalize("NFC", original.replace("\0", ""))))
    last = visible.replace("\\", "/").rstrip("/ ").rpartition("/")[2]
    name = " ".join(last.split()).lstrip(". ").rstrip(" ")
    shortened = unicodedata.normalize("NFC", _shortened(name)).strip(_JOINERS + " ")
    return shortened or UNTITLED


def _shows(char: str) -> bool:
    category = unicodedata.category(char)
    return char.isspace() or char in _JOINERS or (category not in _INVISIBLE and category != "Cf")


def _shortened(name: str) -> str:
    if len(name) <= LONGEST:
        return name
    stem, dot, extension = name.rpartition(".")
    if not stem or len(extension) > _LONGEST_EXTENSION:
        return name[:LONGEST]
    return stem[: LONGEST - len(extension) - 1].rstrip() + dot + extension


def content_disposition(name: str) -> str:
    """The Content-Disposition header value that saves a download as `name` (RFC 6266).

    Old clients get an ASCII approximation, all others the name itself (RFC 8187).
    """
    shown = clean(name)
    ascii_form = unicodedata.normalize("NFKD", shown).encode("ascii", "replace").decode()
    plain = "".join("_" if char in _RESERVED_IN_HEADER or char == "?" else char for char in ascii_form)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(shown, safe='')}"
