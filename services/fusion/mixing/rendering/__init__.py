"""Files: what a song is written as, what stands in them beside the sound, and how they look."""

from services.fusion.mixing.rendering.cover import draw_cover
from services.fusion.mixing.rendering.encoding import DEFAULT_ENCODINGS, Encoding, Format, InvalidEncoding
from services.fusion.mixing.rendering.outline import Outline, outline
from services.fusion.mixing.rendering.song import Rendered, render
from services.fusion.mixing.rendering.tagging import Tags

__all__ = [
    "DEFAULT_ENCODINGS",
    "Encoding",
    "Format",
    "InvalidEncoding",
    "Outline",
    "Rendered",
    "Tags",
    "draw_cover",
    "outline",
    "render",
]
