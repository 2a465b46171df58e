"""A whole song, measured."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing

from services.fusion.mixing.mastering.loudness import LoudnessMeter
from services.fusion.mixing.mastering.true_peak import TruePeakMeter
from services.fusion.mixing.progress import IsCancelled, check, never
from services.fusion.mixing.sources import Pcm
from services.fusion.mixing.together import together

__all__ = ["measured"]


def measured(
    play: Callable[[], Iterator[Pcm]], sample_rate: int, cancelled: IsCancelled = never
) -> tuple[float | None, float | None]:
    """Loudness (LUFS) and true peak (dBTP) of what `play` plays, float32 (frames, 2), each time anew.

    It is played twice at the same time: once for each meter.

    Raises:
        Cancelled: if `cancelled` answers True.
    """
    loudness, peak = LoudnessMeter(sample_rate, 2), TruePeakMeter(2)
    with closing(together([_heard(play(), loudness.add), _heard(play(), peak.add)], threads=2)) as rounds:
        for _ in rounds:
            check(cancelled)
    return loudness.integrated(), peak.dbtp()


def _heard(blocks: Iterator[Pcm], hear: Callable[[Pcm], object]) -> Iterator[bool]:
    for block in blocks:
        hear(block)
        yield True
