"""What is known of the tracks that a fusion is made of: what mir found, as far as planning needs it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["Key", "Section", "Span", "StemFacts", "Track"]


@dataclass(frozen=True)
class Span:
    """From `start` to `end`, seconds of a track."""

    start: float
    end: float


@dataclass(frozen=True)
class Key:
    """`tonic` is a pitch class, 0 = C to 11 = B; `mode` is `major` or `minor`; `confidence` from 0 to 1."""

    tonic: int
    mode: str
    confidence: float = 1.0


@dataclass(frozen=True)
class Section:
    """A part of the form; parts with the same label sound alike."""

    span: Span
    label: str
    bars: int


@dataclass(frozen=True)
class StemFacts:
    """Of one stem: LUFS (None: silent or not measured), and when it plays (None: not known)."""

    loudness_lufs: float | None = None
    active: tuple[Span, ...] | None = None


@dataclass(frozen=True)
class Track:
    """One track as mir heard it; what was not heard is None or empty.

    Attributes:
        seconds: its length.
        bpm: the median tempo.
        tempo_confidence: 0 to 1.
        beats: seconds, ascending.
        positions: of each beat its place in the bar, 1 for a downbeat.
        beats_per_bar: of the metre; a dotted quarter is one beat.
        compound: whether a beat falls into three (6/8).
        tuning_cents: offset from A4 = 440 Hz.
        stems: facts by stem type.
        analysis_id, analysis_version: which analysis said so.
        title: what people call it.
    """

    track_id: str
    seconds: float
    bpm: float | None = None
    tempo_confidence: float = 0.0
    beats: tuple[float, ...] = ()
    positions: tuple[int, ...] = ()
    beats_per_bar: int | None = None
    compound: bool = False
    key: Key | None = None
    tuning_cents: float = 0.0
    sections: tuple[Section, ...] = ()
    loudness_lufs: float | None = None
    stems: Mapping[str, StemFacts] = field(default_factory=dict)
    analysis_id: str = ""
    analysis_version: int = 0
    title: str = ""

    @property
    def name(self) -> str:
        """What it is called in a sentence."""
        return self.title or self.track_id

    def active(self, role: str) -> tuple[Span, ...] | None:
        """When a stem plays; None: not known."""
        return self.stems[role].active if role in self.stems else None
