"""What a way of listening says of a song, in the terms of the truth; None where it says nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from services.mir.analysis.findings import Analysis, KeyName

__all__ = ["Answer", "Labelled", "Span", "of_analysis"]

_HARTE: Final[Mapping[str, str]] = {
    "major": "maj",
    "minor": "min",
    "dominant_seventh": "7",
    "major_seventh": "maj7",
    "minor_seventh": "min7",
    "diminished": "dim",
    "none": "N",
}

Labelled = tuple[float, float, int, str]
"""A chord: start and end in seconds, root, quality as Harte et al. write it."""

Span = tuple[float, float, str]
"""A section: start and end in seconds, letter. Each begins where the one before ends."""


@dataclass(frozen=True)
class Answer:
    """One song as one way hears it. `cpu_seconds` is what it cost; confidences are None where none is said."""

    bpm: float | None = None
    tempo_confidence: float | None = None
    beats: tuple[float, ...] = ()
    downbeats: tuple[float, ...] = ()
    metre: tuple[int, int] | None = None
    metre_confidence: float | None = None
    key: tuple[int, str] | None = None
    key_confidence: float | None = None
    keys: tuple[Labelled, ...] = ()
    cents: float | None = None
    chords: tuple[Labelled, ...] = ()
    sections: tuple[Span, ...] = ()
    section_confidences: tuple[float, ...] = ()
    cpu_seconds: float = 0.0


def of_analysis(found: Analysis, cpu_seconds: float) -> Answer:
    """An analysis of ours as an answer."""
    tempo, beats, metre, key = found.tempo, found.beats, found.metre, found.key
    return Answer(
        bpm=tempo.bpm if tempo else None,
        tempo_confidence=tempo.confidence if tempo else None,
        beats=beats.seconds if beats else (),
        downbeats=beats.downbeats if beats else (),
        metre=(metre.numerator, metre.denominator) if metre else None,
        metre_confidence=metre.confidence if metre else None,
        key=_key(key.name) if key else None,
        key_confidence=key.confidence if key else None,
        keys=tuple((span.start, span.end, *_key(span.name)) for span in found.key_sections),
        cents=found.tuning_cents,
        chords=tuple((chord.start, chord.end, chord.root or 0, _HARTE[chord.quality]) for chord in found.chords),
        sections=tuple((section.start, section.end, section.label) for section in found.sections),
        section_confidences=tuple(section.confidence for section in found.sections),
        cpu_seconds=cpu_seconds,
    )


def _key(name: KeyName) -> tuple[int, str]:
    return name.tonic, name.mode
