"""From parts to a song: pure functions on audio, without any idea of where it comes from or goes to.

    mixed = mix([Part.of_file(path, name="vocals", gain_db=-3.0), ...], scratch)
    report = render(mixed, Format.FLAC, path)

`mix` adds the parts up in blocks, so that memory does not grow with their length, and decides on the level; `render`
writes the result in a format, as often as wanted.
"""

from services.fusion.mixing.mastering import Level, Outcome, Target
from services.fusion.mixing.mixdown import Mix
from services.fusion.mixing.mixdown import mix_parts as mix
from services.fusion.mixing.part import InvalidPart, Part
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
from services.fusion.mixing.summing import output_frames, output_rate, sum_parts

__all__ = [
    "DEFAULT_ENCODINGS",
    "Cancelled",
    "Encoding",
    "Format",
    "InvalidEncoding",
    "InvalidPart",
    "Level",
    "Mix",
    "Outcome",
    "Part",
    "Rendered",
    "Tags",
    "Target",
    "mix",
    "output_frames",
    "output_rate",
    "render",
    "sum_parts",
]
