"""What an analysis finds. What cannot be heard is absent, with a reason in `Analysis.absences`; never an invented number.

Times are seconds from the track's first sample. Confidences are from 0 to 1 and calibrated: of what is said with 0.8 or
more, 95 % is right on the reporting half of `make bench-mir`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

ANALYSIS_VERSION: Final = 3
"""Counts up when the same audio would be found to be something else."""

Mode = Literal["major", "minor"]

Source = Literal["mix", "stems"]
"""What was listened to: the track alone, or also its separated stems."""

Quality = Literal["major", "minor", "dominant_seventh", "major_seventh", "minor_seventh", "diminished", "none"]
"""Of a chord; `none` where no chord sounds."""

Finding = Literal["tempo", "grid", "beats", "metre", "key", "tuning", "chords", "sections", "passages", "loudness"]

Reason = Literal["silent", "too_short", "no_pulse", "tempo_varies", "no_pitch", "no_clear_key", "no_form"]
"""Why something is absent."""

# The usual spelling of each tonic: the one with fewer accidentals in its key signature.
_SPELLING: Final[dict[Mode, tuple[str, ...]]] = {
    "major": ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"),
    "minor": ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "G#", "A", "Bb", "B"),
}


@dataclass(frozen=True)
class TempoCandidate:
    """A tempo that explains the onsets; `share` in [0, 1] of the belief, which the candidates share out."""

    bpm: float
    share: float


@dataclass(frozen=True)
class TempoPoint:
    """The tempo around a moment."""

    seconds: float
    bpm: float


@dataclass(frozen=True)
class Grid:
    """Equally spaced beats: the first downbeat and the tempo.

    The downbeat may lie up to 35 ms before the beginning of a track that was cut at it; a beat told there is at 0.
    """

    offset_seconds: float
    bpm: float


@dataclass(frozen=True)
class Tempo:
    """The beat's rate in beats per minute; of a varying tempo the median.

    `candidates`, best first, begin with the tempo itself; half and double tempo are the usual others. `steady`: the beats
    stay on one grid from beginning to end, which `grid` is. `curve` has a point per bar where the tempo varies.
    """

    bpm: float
    confidence: float
    candidates: tuple[TempoCandidate, ...] = ()
    steady: bool = True
    curve: tuple[TempoPoint, ...] = ()
    grid: Grid | None = None


@dataclass(frozen=True)
class Beats:
    """Every beat and its place in the bar, 1 for a downbeat; both of the same length, ascending."""

    seconds: tuple[float, ...]
    positions: tuple[int, ...]
    confidence: float
    downbeat_confidence: float

    @property
    def downbeats(self) -> tuple[float, ...]:
        """The beginnings of the bars."""
        return tuple(at for at, position in zip(self.seconds, self.positions, strict=True) if position == 1)


@dataclass(frozen=True)
class Metre:
    """The time signature: 3/4, 4/4 or 6/8. In 6/8 the beat is the dotted quarter, two a bar."""

    numerator: int
    denominator: int
    confidence: float


@dataclass(frozen=True)
class KeyName:
    """A tonic as a pitch class, 0 (C) to 11 (B), and a mode."""

    tonic: int
    mode: Mode

    def __str__(self) -> str:
        """The key as musicians write it, as in "Eb major" or "G# minor"."""
        return f"{_SPELLING[self.mode][self.tonic]} {self.mode}"


@dataclass(frozen=True)
class Key:
    """The key of the whole track: of a track that modulates, the one that holds longest.

    `runner_up` is the next best key, often the relative or parallel one or a fifth away; None for a key that a person said.
    """

    name: KeyName
    confidence: float
    runner_up: KeyName | None
    runner_up_confidence: float = 0.0


@dataclass(frozen=True)
class KeySection:
    """A key and the time in which it holds. There is more than one only if the track modulates."""

    start: float
    end: float
    name: KeyName
    confidence: float


@dataclass(frozen=True)
class Chord:
    """A chord; `root` is a pitch class, None where `quality` is none. Chords follow each other without gaps."""

    start: float
    end: float
    root: int | None
    quality: Quality
    confidence: float


@dataclass(frozen=True)
class Section:
    """A part of the form. Equal letters (A, B, ...) sound alike, neighbours have different ones.

    `bars`: how many downbeats it holds, 0 where there are none. `confidence` that it begins there: 1 for the first; 0 also
    where an earlier analysis did not tell.
    """

    start: float
    end: float
    label: str
    bars: int
    confidence: float = 0.0


@dataclass(frozen=True)
class Loudness:
    """After ITU-R BS.1770-4 and EBU Tech 3342; None for silence, the range also for less than 3 s."""

    integrated_lufs: float | None = None
    range_lu: float | None = None
    true_peak_dbtp: float | None = None


@dataclass(frozen=True)
class Silence:
    """How long it is silent before the first and after the last sound, in seconds."""

    head_seconds: float = 0.0
    tail_seconds: float = 0.0


@dataclass(frozen=True)
class Character:
    """How it sounds as a whole; `onset_density` in onsets per second, the others in [0, 1]."""

    energy: float
    brightness: float
    danceability: float
    onset_density: float


@dataclass(frozen=True)
class Passage:
    """One of the hardest passages, snapped to bars, and what makes it hard; each in [0, 1] among this track's passages."""

    start: float
    end: float
    difficulty: float
    onset_density: float
    harmonic_change: float
    spectral_complexity: float


@dataclass(frozen=True)
class Span:
    """A stretch of time."""

    start: float
    end: float


@dataclass(frozen=True)
class StemFindings:
    """What was found in one stem: how loud it is, and when it plays."""

    stem: str
    loudness: Loudness
    active: tuple[Span, ...]


@dataclass(frozen=True)
class Analysis:
    """What was heard in a track.

    Attributes:
        seconds: the exact length.
        source: what was listened to.
        version: of the program that listened, ANALYSIS_VERSION.
        provisional: these are first findings; what is absent without a reason is still being listened for.
        tuning_cents: in [-50, 50), the deviation from A = 440 Hz.
        absences: why what is absent is absent.
    """

    seconds: float
    source: Source = "mix"
    version: int = ANALYSIS_VERSION
    provisional: bool = False
    tempo: Tempo | None = None
    beats: Beats | None = None
    metre: Metre | None = None
    key: Key | None = None
    key_sections: tuple[KeySection, ...] = ()
    tuning_cents: float | None = None
    chords: tuple[Chord, ...] = ()
    sections: tuple[Section, ...] = ()
    loudness: Loudness = field(default_factory=Loudness)
    silence: Silence = field(default_factory=Silence)
    character: Character | None = None
    passages: tuple[Passage, ...] = ()
    stems: tuple[StemFindings, ...] = ()
    absences: Mapping[Finding, Reason] = field(default_factory=dict)
