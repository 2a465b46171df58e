"""Files: what a song is written as, what stands in them beside the sound, and how they look."""

from services.fusion.mixing.rendering.cover import draw_cover
from services.fusion.mixing.rendering.encoding import DEFAULT_ENCODINGS, Encoding, Format, InvalidEncoding
from services.fusion.mixing.rendering.ffmpeg import FfmpegFailed, FfmpegMissing
from services.fusion.mixing.rendering.outline import Outline, outline
from services.fusion.mixing.rendering.song import Rendered, render
from services.fusion.mixing.rendering.stem_mp4 import StemMp4, write_stem_mp4
from services.fusion.mixing.rendering.stems_zip import StemsZip, zip_stems
from services.fusion.mixing.rendering.tagging import Tags
from services.fusion.mixing.rendering.voice_files import VoiceFiles

__all__ = [
    "DEFAULT_ENCODINGS",
    "Encoding",
    "FfmpegFailed",
    "FfmpegMissing",
    "Format",
    "InvalidEncoding",
    "Outline",
    "Rendered",
    "StemMp4",
    "StemsZip",
    "Tags",
    "VoiceFiles",
    "draw_cover",
    "outline",
    "render",
    "write_stem_mp4",
    "zip_stems",
]
