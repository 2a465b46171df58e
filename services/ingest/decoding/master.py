"""The canonical master: what everybody but ingest reads."""

import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

MASTER_NAME = "master.flac"
WAVEFORM_NAME = "waveform.bin"
MASTER_MIME_TYPE = "audio/flac"
TEXT_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Master:
    """A decoded song and what was found out about its original.

    path: the 24-bit FLAC. waveform: its peaks (`waveform.read`).
    sample_rate: Hz. channels: 1 or 2. frames: samples per channel, counted, not claimed.
    bit_depth: of the original's samples; 0 where its codec has none (MP3, Vorbis, Opus, AAC).
    encoding: how the original stored its samples, for people: '16-bit', '32-bit float', 'lossy'.
    format, mime_type: of the original as found in its bytes, whatever its name or uploader said.
    content_sha256: hex digest of the samples (`canonical.SampleHash` defines it); equal for equal music in any container.
    original_sha256, original_bytes: hex digest and size of the original file.
    gain: what the original's samples were multiplied with: 1.0, or 0.5, 0.25, ... where a float or lossy original exceeds
    full scale, which 24-bit samples cannot. Dividing by it restores the original level.
    """

    path: Path
    waveform: Path
    sample_rate: int
    channels: int
    frames: int
    bit_depth: int
    encoding: str
    format: str
    mime_type: str
    content_sha256: str
    original_sha256: str
    original_bytes: int
    gain: float = 1.0

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return self.frames / self.sample_rate

    def to_json(self) -> dict[str, Any]:
        """Plain values, without the paths: both sides of the process boundary know where the files are."""
        fields = asdict(self)
        del fields["path"], fields["waveform"]
        return fields

    @classmethod
    def from_json(cls, fields: dict[str, Any], into: Path) -> Self:
        """A master that crossed the process boundary; TypeError, ValueError or KeyError where `fields` are not one."""
        values = {name: _checked(cls.__annotations__[name], value) for name, value in fields.items()}
        return cls(path=into / MASTER_NAME, waveform=into / WAVEFORM_NAME, **values)


def _checked(kind: type, value: object) -> Any:
    """`value`, if it is a short text or a number of the `kind` expected."""
    if not isinstance(value, kind) or (isinstance(value, str) and len(value) > TEXT_LIMIT):
        raise TypeError(f"not a {kind.__name__}")
    if isinstance(value, int | float) and not 0 <= value < math.inf:
        raise ValueError(f"{value} is out of range")
    return value
