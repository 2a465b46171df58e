"""A plan: what is to be done to each track so that all go together, what it costs, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from services.fusion.mixing.planning.cost import Cost
from services.fusion.mixing.planning.material import Key, Span

__all__ = ["Collision", "Note", "Plan", "TrackPlan", "VoiceDamage"]


@dataclass(frozen=True)
class Note:
    """Something worth knowing: `code` for programs (stable), `sentence` for people, `params` the figures in it."""

    code: str
    sentence: str
    params: Mapping[str, str | float] = field(default_factory=dict)


@dataclass(frozen=True)
class VoiceDamage:
    """What matching takes from one voice, in points: see `cost`."""

    stem_id: str
    role: str
    stretch: float
    pitch: float


@dataclass(frozen=True)
class TrackPlan:
    """What happens to one track.

    Attributes:
        level: how many times as fast as heard it is counted: 0.5, 1 or 2; None: its tempo is not matched.
        ratio: how many times as fast it is played.
        semitones, cents: how much higher its pitched voices sound: the sum of both. Its key moves by `semitones`; `cents`, -100
            to 100, bring its tuning to the common one.
        key: what its key is then; None: not known.
    """

    track_id: str
    level: float | None = None
    ratio: float = 1.0
    semitones: int = 0
    cents: float = 0.0
    key: Key | None = None
    damage: tuple[VoiceDamage, ...] = ()

    @property
    def shift_cents(self) -> float:
        """How much higher its pitched voices sound."""
        return 100 * self.semitones + self.cents


@dataclass(frozen=True)
class Collision:
    """Two voices of one role at once.

    Attributes:
        role: `vocals`, `bass` or `drums`.
        voice, other: names in the arrangement; `voice` is the more important.
        spans: seconds of the song in which both play.
        share: how much of what `other` plays falls into them, 0 to 1.
        certain: whether it was heard when they play; else both were taken to play all the time.
        remedy: what was done: `none`, `ducked`, `turns` or `low_cut`.
    """

    role: str
    voice: str
    other: str
    spans: tuple[Span, ...]
    share: float
    certain: bool = True
    remedy: str = "none"


@dataclass(frozen=True)
class Plan:
    """What a fusion is brought to, and how.

    Attributes:
        bpm: of the common grid; None: there is none.
        beats_per_bar: of the common grid.
        key, tuning_cents: what pitched voices are brought to, cents from A4 = 440 Hz; None: they stay as they are.
        tracks: in the order in which the wish names them first.
        leader: whose sections the song follows, where sections are matched.
        warnings: what may be heard, or could not be done.
        reasons: why this plan.
    """

    tracks: tuple[TrackPlan, ...]
    bpm: float | None = None
    beats_per_bar: int = 4
    key: Key | None = None
    tuning_cents: float | None = None
    leader: str | None = None
    cost: Cost = field(default_factory=Cost)
    warnings: tuple[Note, ...] = ()
    reasons: tuple[Note, ...] = ()
    collisions: tuple[Collision, ...] = ()

    def of(self, track_id: str) -> TrackPlan:
        """The plan of one track."""
        return next(track for track in self.tracks if track.track_id == track_id)
