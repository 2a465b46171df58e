"""What a user asks for, before it is decided how: stems with their settings, how to match them, how long it shall be."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from services.fusion.mixing.arrangement import Effects, Mastering
from services.fusion.mixing.planning.material import Key, Span

__all__ = ["Arrange", "Length", "Match", "MatchMode", "StemWish", "Target", "Wish"]


class MatchMode(StrEnum):
    """How far stems of different tracks are brought together."""

    NONE = "none"
    """They start together and stay as they are."""
    TEMPO = "tempo"
    """One tempo, beat on beat, downbeat on downbeat."""
    TEMPO_AND_KEY = "tempo_and_key"
    """Also one key."""
    FULL = "full"
    """Also section by section."""


class Arrange(StrEnum):
    """What is done where two voices of one role (two vocals, two basses) play at once."""

    AS_GIVEN = "as_given"
    """Nothing; it is reported."""
    AUTOMATIC = "automatic"
    """They take turns by sections, or the less important one is ducked."""


class Length(StrEnum):
    """How long the song becomes."""

    LONGEST = "longest"
    """As its longest stem, and until echoes and rooms have faded, unless a stem is looped without end."""
    SHORTEST = "shortest"
    BARS = "bars"


@dataclass(frozen=True)
class StemWish:
    """One stem and what is wanted of it.

    Attributes:
        stem_id: its id; the key of its source.
        track_id: the track it is of.
        role: its type: `vocals`, `drums`, `bass`, `other`, `guitar`, `piano`, `residual`.
        seconds: its length, that of its track.
        sample_rate: of its file.
        gain_db: of its fader, -60 to 12.
        pan: -1 (left) to 1 (right).
        muted: mute and solo together; it moves nothing: a muted stem counts in all that is planned.
        start_seconds: how much later than planned it begins in the song, to the nearest beat when matched; negative: earlier.
        trim: only this much of it is heard, at least 0.25 s; to the nearest bars when matched.
        loops: how often what is heard of it is played, at most 1,000 times; 0: until the song ends. Whole bars when matched.
        speed: how many times as fast it is played, 0.5 to 2, beyond what matching asks for.
        semitones: how much higher, -12 to 12, beyond what matching asks for; drums and the residual are never transposed.
    """

    stem_id: str
    track_id: str
    role: str
    seconds: float
    sample_rate: int
    gain_db: float = 0.0
    pan: float = 0.0
    muted: bool = False
    start_seconds: float = 0.0
    trim: Span | None = None
    loops: int = 1
    fade_in_seconds: float = 0.0
    fade_out_seconds: float = 0.0
    speed: float = 1.0
    semitones: float = 0.0
    effects: Effects = field(default_factory=Effects)


@dataclass(frozen=True)
class Target:
    """What matched stems are brought to: given, or that of a track, or (both None) what costs least."""

    bpm: float | None = None
    tempo_of: str | None = None
    key: Key | None = None
    key_of: str | None = None


@dataclass(frozen=True)
class Match:
    """How stems are matched."""

    mode: MatchMode = MatchMode.NONE
    target: Target = field(default_factory=Target)
    arrange: Arrange = Arrange.AS_GIVEN


@dataclass(frozen=True)
class Wish:
    """A whole fusion as it is asked for.

    Attributes:
        sample_rate: of the song in Hz; None: 44,100, or 48,000 as soon as one stem has more.
        bars: with `Length.BARS` how many, of the common grid.
    """

    stems: tuple[StemWish, ...]
    match: Match = field(default_factory=Match)
    length: Length = Length.LONGEST
    bars: int = 0
    mastering: Mastering = field(default_factory=Mastering)
    sample_rate: int | None = None
