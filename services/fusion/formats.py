"""The files that a fusion can be had as."""

from dataclasses import dataclass

from puremusic.fusion.v1 import fusion_pb2


@dataclass(frozen=True)
class Format:
    """One kind of file: what the contract calls it, and how it is saved and served."""

    number: "fusion_pb2.FusionFormat.ValueType"
    ending: str
    content_type: str

    @property
    def name(self) -> str:
        """What rows and objects call it."""
        return fusion_pb2.FusionFormat.Name(self.number).removeprefix("FUSION_FORMAT_").lower()


FORMATS = {
    kind.name: kind
    for kind in (
        Format(fusion_pb2.FUSION_FORMAT_WAV, "wav", "audio/wav"),
        Format(fusion_pb2.FUSION_FORMAT_MP3, "mp3", "audio/mpeg"),
        Format(fusion_pb2.FUSION_FORMAT_FLAC, "flac", "audio/flac"),
        Format(fusion_pb2.FUSION_FORMAT_OGG, "ogg", "audio/ogg"),
        Format(fusion_pb2.FUSION_FORMAT_OPUS, "opus", "audio/ogg"),
        Format(fusion_pb2.FUSION_FORMAT_STEMS_ZIP, "zip", "application/zip"),
        Format(fusion_pb2.FUSION_FORMAT_STEM_MP4, "stem.mp4", "audio/mp4"),
    )
}
BY_NUMBER = {kind.number: kind for kind in FORMATS.values()}
STEMS_ZIP = BY_NUMBER[fusion_pb2.FUSION_FORMAT_STEMS_ZIP].name
STEM_MP4 = BY_NUMBER[fusion_pb2.FUSION_FORMAT_STEM_MP4].name
RECEIPT = "receipt.json"


def name(number: "fusion_pb2.FusionFormat.ValueType") -> str:
    """Return what rows call the format of the contract; empty for none."""
    return BY_NUMBER[number].name if number else ""


def object_name(kind: str) -> str:
    """Return what the object of a file is called in the store."""
    return f"fusion.{FORMATS[kind].ending}"
