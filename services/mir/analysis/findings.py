"""What an analysis finds. Something that cannot be heard is absent (None), never an invented number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

__all__ = ["Analysis", "Key", "KeyName", "Mode", "Tempo", "TempoCandidate"]

Mode = Literal["major", "minor"]

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
class Tempo:
    """The beat's rate in beats per minute.

    `confidence` in [0, 1] is the winner's share among the candidates, less where the onsets are hardly periodic.
    `candidates`, best first, begin with the tempo itself; half and double tempo are the usual others.
    """

    bpm: float
    confidence: float
    candidates: tuple[TempoCandidate, ...]


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
    """The key of the whole track.

    `confidence` in [0, 1] is the winner's share among all 24 keys, less where no key fits well. `runner_up` is
    the next best key, often the relative or parallel one or a fifth away.
    """

    name: KeyName
    confidence: float
    runner_up: KeyName


@dataclass(frozen=True)
class Analysis:
    """What was heard in a track.

    `tempo` is None for silence, noise, sound without a pulse, and less than 2 s; `key` for silence, noise, sound
    without pitch, and less than 0.5 s. `tuning_cents` in [-50, 50) is the deviation from A = 440 Hz, None where
    `key` is. `seconds` is the exact length. `loudness_lufs` is the integrated loudness after ITU-R BS.1770-4, None for silence.
    """

    seconds: float
    tempo: Tempo | None
    key: Key | None
    tuning_cents: float | None
    loudness_lufs: float | None
