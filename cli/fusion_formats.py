"""The files that a fusion can be had as, as they are typed."""

from collections.abc import Mapping

from puremusic.fusion.v1 import fusion_pb2

__all__ = ["FORMATS"]

FORMATS: Mapping[str, fusion_pb2.FusionFormat.ValueType] = {
    "wav": fusion_pb2.FUSION_FORMAT_WAV,
    "flac": fusion_pb2.FUSION_FORMAT_FLAC,
    "mp3": fusion_pb2.FUSION_FORMAT_MP3,
    "ogg": fusion_pb2.FUSION_FORMAT_OGG,
    "opus": fusion_pb2.FUSION_FORMAT_OPUS,
    "zip": fusion_pb2.FUSION_FORMAT_STEMS_ZIP,
    "mp4": fusion_pb2.FUSION_FORMAT_STEM_MP4,
}
