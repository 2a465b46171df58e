"""What each track gives to a fusion: the stems chosen of it, and how much they would suffer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from services.fusion.mixing.planning.arranging import known
from services.fusion.mixing.planning.key_target import MODES, Pitched
from services.fusion.mixing.planning.material import Track
from services.fusion.mixing.planning.pulse import Pulse, pulse_of
from services.fusion.mixing.planning.roles import pitch_weight, stretch_weight
from services.fusion.mixing.planning.tempo_target import Paced
from services.fusion.mixing.planning.wish import MatchMode, StemWish, Wish

__all__ = ["KEY_MODES", "Contribution", "contributions"]

KEY_MODES = (MatchMode.TEMPO_AND_KEY, MatchMode.FULL)
"""How keys are matched too."""


@dataclass(frozen=True)
class Contribution:
    """A track, the stems chosen of it, and its beats, where they were heard."""

    track: Track
    stems: tuple[StemWish, ...]
    pulse: Pulse | None

    @cached_property
    def paced(self) -> Paced | None:
        """For the tempo; None where no beats were heard."""
        if self.pulse is None:
            return None
        weight = sum(stretch_weight(stem.role) for stem in self.stems)
        return Paced(self.track.track_id, self.pulse.bpm, weight, self.track.tempo_confidence)

    @cached_property
    def pitched(self) -> Pitched | None:
        """For the key; None where none was heard, or nothing of it is ever transposed."""
        weight = sum(pitch_weight(stem.role) for stem in self.stems)
        key = self.track.key
        if key is None or key.mode not in MODES or not weight:
            return None
        return Pitched(self.track.track_id, key, self.track.tuning_cents, weight)


def contributions(wish: Wish, tracks: Mapping[str, Track]) -> list[Contribution]:
    """Of every track in the wish, in its order."""
    return [
        Contribution(track, tuple(stem for stem in wish.stems if stem.track_id == track_id), pulse_of(track))
        for track_id, track in known(wish, tracks).items()
    ]
