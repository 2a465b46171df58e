"""Types of stems, as the contract numbers them and as people call them."""

from puremusic.separation.v1 import separation_pb2

__all__ = ["name_of", "type_of"]

_PREFIX = "STEM_TYPE_"


def name_of(stem_type: separation_pb2.StemType.ValueType) -> str:
    """Return `vocals`, `drums`, …, `residual`."""
    return separation_pb2.StemType.Name(stem_type).removeprefix(_PREFIX).lower()


def type_of(name: str) -> separation_pb2.StemType.ValueType:
    """Return the type of that name; raises ValueError if there is none."""
    return separation_pb2.StemType.Value(f"{_PREFIX}{name.upper()}")
