"""The levels of the metre that a listener might take for the beat, each in every phase in which it could be meant.

They are decoded at the tempi of simple ratios to the likeliest pulse. A row decoded by itself can change over to another
level where that is louder, as from the dotted quarters of 6/8 to its quarters; so each row is also counted out from the others:
every third of the eighths that another row's beats have two of.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.mir.analysis.rhythm.decoding import FRAMES_PER_SECOND, decode_beats
from services.mir.analysis.rhythm.evidence import Heard, likeness, on_beats, profile

__all__ = ["Level", "levels"]

Signal = NDArray[np.float32]
Row = NDArray[np.int64]

_PULSE_BPM: Final = (50.0, 215.0)  # in which some level of the metre always is
_LEVELS_BPM: Final = (45.0, 240.0)  # what can be the beat
_RATIOS: Final = (1 / 3, 1 / 2, 2 / 3, 1.0, 3 / 2, 2.0, 3.0)
_STRAYING: Final = 1.25  # a level's tempo may vary by this factor around its median
_ALIKE: Final = 0.04  # tempi closer than this are one level
_ALIKE_ROWS: Final = 0.1  # rows whose tempi differ by more are not looked at for being the same
_SAME_SHARE: Final = 0.9  # of a row's beats that another one has too, if it says nothing new
_SAME_BEAT: Final = 4  # frames
_PHASES: Final = (0, 6, 4, 8)  # twelfths of a beat: what falls between the beats can be louder than they
_FEWEST: Final = 4  # beats
_PREFERRED_BPM: Final = 115.0
_LAGS: Final = (1, 2, 3, 4, 6)


@dataclass(frozen=True)
class Level:
    """One level of the metre, in one phase, as the beat: its frames (beats,), and what is heard on its beats (beats, 6).

    `tempo` in BPM is the same for all rows and phases of a level.
    """

    beats: Row
    tempo: float
    strengths: Signal
    evidence: Signal


def levels(heard: Heard) -> list[Level]:
    """The levels that a listener might take for the beat; none if the track is too short for a few beats."""
    decoded = _decoded(heard)
    found: list[Level] = []
    for row in [*decoded, *_counted_out(decoded)]:
        tempi = (level.tempo for level in found if _apart(_tempo(row), level.tempo) <= _ALIKE)
        found += _in_all_phases(heard, row, next(tempi, _tempo(row)))
    return found


def _decoded(heard: Heard) -> list[Row]:
    """The likeliest beats of each level by themselves."""
    first = decode_beats(heard.rewards, *_PULSE_BPM)
    rows: list[Row] = []
    for bpm in _related(first):
        row = decode_beats(heard.rewards, bpm / _STRAYING, min(bpm * _STRAYING, _LEVELS_BPM[1]))
        if len(row) >= _FEWEST and all(_apart(_tempo(row), _tempo(other)) > _ALIKE for other in rows):
            rows.append(row)
    return rows


def _counted_out(decoded: list[Row]) -> list[Row]:
    """Rows that keep simple ratios to others throughout, unless they are there already."""
    new: list[Row] = []
    for row in decoded:
        for bpm in _related(row):
            steps = np.arange(0, len(row) - 1 + 1e-9, _tempo(row) / bpm)
            beats = np.rint(np.interp(steps, np.arange(len(row)), row)).astype(np.int64)
            if len(beats) >= _FEWEST and not any(_same(beats, other) for other in (*decoded, *new)):
                new.append(beats)
    return new


def _related(row: Row) -> list[float]:
    """The tempi, in BPM, of the levels of which this row may be one."""
    if len(row) < _FEWEST:
        return []
    bpm = _tempo(row)
    return [bpm * ratio for ratio in _RATIOS if _LEVELS_BPM[0] <= bpm * ratio <= _LEVELS_BPM[1]]


def _same(row: Row, other: Row) -> bool:
    """Whether nearly all beats of a row are another one's, in one of its phases."""
    return _apart(_tempo(row), _tempo(other)) < _ALIKE_ROWS and any(
        _share_near(row, _later(other, phase)) > _SAME_SHARE for phase in _PHASES
    )


def _share_near(row: Row, other: Row) -> float:
    """The share of a row's beats that are near one of the other's."""
    after = np.clip(np.searchsorted(other, row), 1, len(other) - 1)
    away = np.minimum(np.abs(other[after] - row), np.abs(other[after - 1] - row))
    return float((away <= _SAME_BEAT).mean())


def _in_all_phases(heard: Heard, row: Row, bpm: float) -> list[Level]:
    """The beats of a row, and these moved by a half, a third, and two thirds."""
    shape = profile(heard, row)
    return [_level(heard, _later(row, phase), bpm, np.roll(shape, -phase, axis=0)) for phase in _PHASES]


def _later(row: Row, twelfths: int) -> Row:
    """The moments so much later than the beats; one less than there are beats."""
    return np.rint(row[:-1] + twelfths / 12 * np.diff(row)).astype(np.int64) if twelfths else row


def _level(heard: Heard, beats: Row, bpm: float, shape: Signal) -> Level:
    strengths = on_beats(heard, beats)
    fractions = np.concatenate([shape[0], shape[6], (shape[3] + shape[9]) / 2, shape[4], shape[8]])
    octaves = np.log2(bpm / _PREFERRED_BPM)
    rewards = heard.rewards[beats]
    uneven = np.diff(np.log(np.diff(beats))).std()
    pace = [octaves, octaves**2, rewards.mean(), rewards.sum() / len(heard.rewards) * FRAMES_PER_SECOND, uneven]
    evidence = np.concatenate([pace, fractions, likeness(strengths, _LAGS).ravel()])
    return Level(beats, bpm, strengths, evidence.astype(np.float32))


def _apart(bpm: float, other: float) -> float:
    """How far apart two tempi are, as a logarithm."""
    return abs(float(np.log(bpm / other)))


def _tempo(row: Row) -> float:
    """Beats per minute: from the mean of the middle half of the intervals, finer than their median."""
    intervals = np.sort(np.diff(row))
    quarter = len(intervals) // 4
    return 60.0 * FRAMES_PER_SECOND / float(intervals[quarter : len(intervals) - quarter].mean())
