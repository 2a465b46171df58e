"""A song that keeps its ceiling behind a codec or a resampler, which lift peaks: written, measured, and written again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from services.fusion.mixing.mastering import Outcome
from services.fusion.mixing.mixdown import Mix
from services.fusion.mixing.progress import IsCancelled
from services.fusion.mixing.sources import Pcm

__all__ = ["ATTEMPTS", "LOSSY_ROOM_DB", "Take", "Try", "fit"]

ATTEMPTS: Final = 5
"""How often a song is written at most."""

LOSSY_ROOM_DB: Final = 1.0
"""What most codecs add to peaks, at most: most songs then pass at the first attempt."""

_STEP_DB: Final = 0.1  # more than the last attempt's excess asks for, since the next one's is another


@dataclass(frozen=True)
class Take:
    """A way to write a mix: limited to leave `room_db` under its ceiling, as loud as ever, and then `softer_db` softer."""

    mixed: Mix
    room_db: float = 0.0
    softer_db: float = 0.0

    @property
    def gain_db(self) -> float:
        """What the sum gets."""
        return self.mixed.level.gain_db - self.softer_db

    @property
    def outcome(self) -> Outcome:
        """What decided the level."""
        outcome = self.mixed.level.outcome
        return Outcome.TRUE_PEAK if self.softer_db and outcome is Outcome.LOUDNESS else outcome

    def blocks(self) -> Iterator[Pcm]:
        """The song: float32 (n, 2) at a time."""
        return self.mixed.blocks(self.gain_db)


Try = Callable[[Take, int], float | None]
"""Writes a take, the how manieth attempt it is, and measures the true peak (dBTP) of what was written; None: silence."""


def fit(mixed: Mix, room_db: float, attempt: Try, cancelled: IsCancelled) -> Take:
    """The first take under the mix's ceiling; after ATTEMPTS the last one. Peaks are limited rather than the song made softer.

    Raises:
        Cancelled: if `cancelled` answers True.
    """
    take = _with_room(Take(mixed), room_db, cancelled)
    for number in range(ATTEMPTS):
        peak = attempt(take, number)
        if peak is None or peak <= mixed.target.ceiling_dbtp or number == ATTEMPTS - 1:
            break
        take = _with_room(take, peak - mixed.target.ceiling_dbtp + _STEP_DB, cancelled, written=True)
    return take


def _with_room(take: Take, more_db: float, cancelled: IsCancelled, *, written: bool = False) -> Take:
    """The take with its peaks lower by so many dB; one that was not yet `written` only as far as it lacks that room."""
    mixed, room = take.mixed, take.room_db + more_db
    peak = mixed.true_peak_dbtp
    if peak is None:
        return take
    if not written and peak + take.gain_db + more_db <= mixed.target.ceiling_dbtp:
        return take
    lower = mixed.with_lower_peaks(more_db, cancelled)
    if lower.level.outcome is Outcome.LOUDNESS:
        return Take(lower, room)
    return Take(mixed, take.room_db, take.softer_db + more_db)
