"""What a receipt says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from services.fusion.mixing.arrangement import Arrangement
from services.fusion.mixing.rendering import DEFAULT_ENCODINGS, Encoding, Tags

__all__ = ["AnalysisRecord", "FileRecord", "Receipt", "ResultRecord", "SourceRecord"]


@dataclass(frozen=True)
class SourceRecord:
    """A stem: of which track it is, the SHA-256 of its file (64 hexadecimal digits; empty: not known), and what made it.

    Its samples are the file's times 2 to the power of `scale_bits`.
    """

    track_id: str
    stem_type: str
    sha256: str = ""
    model: str = ""
    scale_bits: int = 0


@dataclass(frozen=True)
class AnalysisRecord:
    """By which analysis a track was matched."""

    analysis_id: str
    version: int


@dataclass(frozen=True)
class FileRecord:
    """A file that was rendered: its SHA-256, 64 hexadecimal digits, and its size."""

    sha256: str
    size_bytes: int


@dataclass(frozen=True)
class ResultRecord:
    """What came of it.

    Attributes:
        frames, sample_rate: of the mix.
        loudness_lufs: integrated; None below the gate of -70 LUFS.
        true_peak_dbtp: None for digital silence.
        gain_db: applied to the sum of the voices.
        files: by name.
    """

    frames: int
    sample_rate: int
    loudness_lufs: float | None
    true_peak_dbtp: float | None
    gain_db: float
    files: Mapping[str, FileRecord] = field(default_factory=dict)


@dataclass(frozen=True)
class Receipt:
    """All that it takes to render a song again: the same receipt gives the same bytes in WAV and FLAC.

    Attributes:
        sources: by the keys that voices name.
        analyses: by track.
        versions: of what rendered it, by name.
        result: None where nothing was rendered yet.
        encodings: the files of the song.
        stems_zip, stem_mp4: whether its voices are written too.
        cover: whether a cover is drawn from the song, into its files.
        window: the first frame and the one after the last that were rendered; None: all of it.
    """

    arrangement: Arrangement
    sources: Mapping[str, SourceRecord]
    analyses: Mapping[str, AnalysisRecord] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    result: ResultRecord | None = None
    encodings: tuple[Encoding, ...] = DEFAULT_ENCODINGS
    stems_zip: bool = False
    stem_mp4: bool = False
    cover: bool = False
    tags: Tags = field(default_factory=Tags)
    window: tuple[int, int] | None = None
