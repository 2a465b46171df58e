"""Times and amounts as people read them."""

from google.protobuf.timestamp_pb2 import Timestamp

__all__ = ["day", "length", "megabytes", "moment"]


def day(time: Timestamp) -> str:
    """`2026-11-21`; `-` for a time that is absent."""
    return time.ToJsonString()[:10] if time.seconds else "-"


def moment(time: Timestamp) -> str:
    """`2026-11-21 13:08:40`, UTC; `-` for a time that is absent."""
    return time.ToJsonString()[:19].replace("T", " ") if time.seconds else "-"


def length(seconds: float) -> str:
    """`3:07`; `-` for none."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}" if seconds else "-"


def megabytes(size: int) -> str:
    """`12.3 MB`."""
    return f"{size / 1e6:.1f} MB"
