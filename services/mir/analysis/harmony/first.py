"""What is heard of the harmony before the chords are: the tuning and a key, both from one look at the pitches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from services.mir.analysis.findings import Key
from services.mir.analysis.harmony.pitches import hear_pitches
from services.mir.analysis.harmony.quick_key import quick_key_of
from services.mir.analysis.harmony.tuning import tuning_of
from services.mir.analysis.preparation import Mono
from services.mir.analysis.progress import IsCancelled, Progress, never, unheard

__all__ = ["SURE_ENOUGH", "FirstHarmony", "hear_first_harmony"]

SURE_ENOUGH: Final = 0.5
"""Confidence of a key that is told without chords that speak for it; a held note has less."""


@dataclass(frozen=True)
class FirstHarmony:
    """What the pitches alone say.

    Attributes:
        tuning_cents: in [-50, 50), the deviation from A = 440 Hz; None where nothing has a pitch. Drums may seem to have one.
        key: `quick_key`'s answer, however sure.
    """

    tuning_cents: float | None
    key: Key | None

    @property
    def sure_key(self) -> Key | None:
        """The key, if it can be told before the chords are known."""
        return self.key if self.key and self.key.confidence >= SURE_ENOUGH else None


def hear_first_harmony(mono: Mono, progress: Progress = unheard, cancelled: IsCancelled = never) -> FirstHarmony:
    """The tuning and a first key of `mono`, float32 (samples,) at `RATE`.

    Raises:
        Cancelled: if `cancelled` answers True.
    """
    pitches = hear_pitches(mono, progress, cancelled)
    tuning = tuning_of(pitches)
    return FirstHarmony(tuning, None if tuning is None else quick_key_of(pitches, tuning, len(mono)))
