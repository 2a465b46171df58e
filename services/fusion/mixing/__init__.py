"""From stems to a song: pure functions on audio, without any idea of where it comes from or goes to.

    mixed = mix(arrangement, {"stem": FileSource(path)}, scratch)
    report = render(mixed, Encoding(Format.FLAC), path)

`mix` performs an arrangement in blocks, so that memory does not grow with its length, and decides how it is mastered; `render`
writes the song in a format, as often as wanted.
"""

from services.fusion.mixing.mastering import Level, Outcome, Target
from services.fusion.mixing.mixdown import Mix, mix
from services.fusion.mixing.performing import perform
from services.fusion.mixing.progress import Cancelled
from services.fusion.mixing.rendering import (
    DEFAULT_ENCODINGS,
    Encoding,
    Format,
    InvalidEncoding,
    Rendered,
    Tags,
    render,
)
from services.fusion.mixing.sources import FileSource

__all__ = [
    "DEFAULT_ENCODINGS",
    "Cancelled",
    "Encoding",
    "FileSource",
    "Format",
    "InvalidEncoding",
    "Level",
    "Mix",
    "Outcome",
    "Rendered",
    "Tags",
    "Target",
    "mix",
    "perform",
    "render",
]
