"""What stands in a file beside the sound: title, artist, tempo, key, a cover."""

from services.fusion.mixing.rendering.tagging.tags import Tags
from services.fusion.mixing.rendering.tagging.writing import tag

__all__ = ["Tags", "tag"]
