"""A starting level for every stem, so that no voice buries the others.

Every role has a level at which it usually sits beside the vocals; a stem that is louder or softer than that is turned down or up.
Stems of one track keep their balance among each other, which somebody has already mixed with care: they move together. What
the user sets comes on top.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Final

__all__ = ["MOST_DB", "USUAL_LU", "Stem", "balanced"]

USUAL_LU: Final[Mapping[str, float]] = {
    "vocals": 0.0,
    "drums": -1.0,
    "bass": -3.0,
    "other": -3.0,
    "guitar": -5.0,
    "piano": -5.0,
}
"""How loud a stem of each role usually is, in LU beside the vocals; a role that isn't here follows its track.

Rounded from what is customary in popular music: the voice in front, drums next, what accompanies 3 to 5 LU behind.
"""

MOST_DB: Final = 6.0
"""No stem is moved further than that, up or down."""


@dataclass(frozen=True)
class Stem:
    """What balance looks at: the track it is of, its role, and its integrated loudness (None: silent or unknown)."""

    track_id: str
    role: str
    loudness_lufs: float | None


def balanced(stems: Sequence[Stem]) -> list[float]:
    """Gains in dB, one a stem, each within MOST_DB of 0, their mean over the tracks 0 before that bound.

    Stems of a track that nothing is known of, and those of a single track, are left alone: 0.
    """
    excess = _excess_by_track(stems)
    middle = fmean(excess.values()) if excess else 0.0
    gains = {track: max(-MOST_DB, min(MOST_DB, middle - above)) for track, above in excess.items()}
    return [gains.get(stem.track_id, 0.0) for stem in stems]


def _excess_by_track(stems: Sequence[Stem]) -> dict[str, float]:
    """By how many LU the stems of a track are on average louder than usual beside the vocals."""
    above: dict[str, list[float]] = defaultdict(list)
    for stem in stems:
        if stem.loudness_lufs is not None and stem.role in USUAL_LU:
            above[stem.track_id].append(stem.loudness_lufs - USUAL_LU[stem.role])
    return {track: fmean(each) for track, each in above.items()}
