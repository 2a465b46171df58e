"""What is put into a song, and therefore true of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

__all__ = ["PITCH_CLASSES", "Chord", "KeySpan", "Mode", "Part", "Pcm", "Signal", "Song", "Truth"]

Mode = Literal["major", "minor"]
Pcm = NDArray[np.float32]
Signal = NDArray[np.float64]

PITCH_CLASSES: Final = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")


@dataclass(frozen=True)
class Chord:
    """A chord: `start` and `end` in seconds, `root` a pitch class from 0 (C) to 11, and the quality.

    Qualities are the shorthands of Harte et al. (ISMIR 2005): maj, min, dim, 7, maj7, min7; N where no chord sounds.
    """

    start: float
    end: float
    root: int
    quality: str


@dataclass(frozen=True)
class KeySpan:
    """A key and the seconds in which it holds."""

    start: float
    end: float
    tonic: int
    mode: Mode


@dataclass(frozen=True)
class Part:
    """A part of the form, in seconds; equal labels sound alike."""

    start: float
    end: float
    label: str


@dataclass(frozen=True)
class Truth:
    """What was put into a song: times in seconds, tonic as a pitch class 0 (C) to 11.

    Attributes:
        tempo_bpm: beats per minute; of a varying tempo the median.
        tonic, mode: the key, of a song that modulates the one that holds longest.
        beats: every beat; in 6/8 the beat is the dotted quarter.
        downbeats: those beats that begin a bar.
        chords: without gaps.
        metre: the time signature.
        tempo_curve: seconds and beats per minute, from every beat to the next.
        keys: one per stretch in one key.
        cents: the pitched parts' deviation from A = 440 Hz.
        parts: the form.
        swing: the share of a beat that its first half takes: 0.5 is straight, 2/3 a triplet.
        active: per stem, the stretches in which it plays; gaps under a second are none.
    """

    tempo_bpm: float
    tonic: int
    mode: Mode
    beats: tuple[float, ...]
    downbeats: tuple[float, ...]
    chords: tuple[Chord, ...]
    metre: tuple[int, int] = (4, 4)
    tempo_curve: tuple[tuple[float, float], ...] = ()
    keys: tuple[KeySpan, ...] = ()
    cents: float = 0.0
    parts: tuple[Part, ...] = ()
    swing: float = 0.5
    active: Mapping[str, tuple[tuple[float, float], ...]] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The key's name, as in "A minor"."""
        return f"{PITCH_CLASSES[self.tonic]} {self.mode}"


@dataclass(frozen=True)
class Song:
    """A mix and its stems, float32 in [-1, 1], each (frames, channels), and the truth about them."""

    mix: Pcm
    stems: Mapping[str, Pcm]
    sample_rate: int
    truth: Truth
