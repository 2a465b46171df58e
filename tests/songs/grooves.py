"""Drum patterns of many styles, each with the tempi at which people tap its notated beat.

A pattern is one bar or several of steps, four to a beat in 3/4 and 4/4, six to the dotted quarter in 6/8: `x` is struck,
`o` is struck softly. The tempo ranges keep the notated beat where listeners put it, near 120 BPM if two levels compete
(Moelants, ICMPC 2002): a half-time feel is notated fast only where the rest of the band plays the notated beat.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

__all__ = ["GROOVES", "Groove"]

STRAIGHT: Final = (0.5, 0.5)


@dataclass(frozen=True)
class Groove:
    """A style: metre, tempi in BPM, the share of a beat before its offbeat (0.5 straight), patterns by drum.

    `comps` are the ways of playing chords that belong to it; `feel` is what its backbeat says of the beat.
    """

    name: str
    metre: tuple[int, int]
    tempi: tuple[float, float]
    drums: Mapping[str, str]
    swing: tuple[float, float] = STRAIGHT
    comps: tuple[str, ...] = ("pad", "stabs", "eighths", "strum", "arpeggio", "quarters")
    feel: str = "plain"


_QUAVERS: Final = "x.o.x.o.x.o.x.o."
_BACKBEAT: Final = "....x.......x..."

_ALL: Final = (
    Groove("rock", (4, 4), (72, 152), {"kick": "x.......x.x.....", "snare": _BACKBEAT, "hat": _QUAVERS}),
    Groove(
        "pop",
        (4, 4),
        (68, 128),
        {"kick": "x.....x.x.......x..x....x.x.....", "snare": _BACKBEAT, "hat": "xoxoxoxoxoxoxoxo"},
    ),
    Groove("ballad", (4, 4), (60, 80), {"kick": "x.........x.....", "rim": _BACKBEAT, "hat": "x.o.x.o.x.o.x.o."}),
    Groove(
        "hard rock",
        (4, 4),
        (128, 190),
        {"kick": "x.x.....x.x.....", "snare": _BACKBEAT, "ride": "x...x...x...x..."},
        comps=("eighths", "strum", "stabs"),
    ),
    Groove(
        "four on the floor",
        (4, 4),
        (112, 160),
        {"kick": "x...x...x...x...", "clap": _BACKBEAT, "open": "..x...x...x...x."},
        comps=("pad", "stabs", "offbeats", "arpeggio"),
    ),
    Groove("motown", (4, 4), (96, 140), {"kick": "x.....x.x.....x.", "snare": "x...x...x...x...", "hat": _QUAVERS}),
    Groove(
        "slow funk",
        (4, 4),
        (60, 92),
        {"kick": "x..x......x.x...", "snare": _BACKBEAT, "hat": "xoxoxoxoxoxoxoxo"},
        comps=("pad", "stabs", "eighths", "arpeggio"),
    ),
    Groove(
        "fast rock",
        (4, 4),
        (140, 190),
        {"kick": "x.......x...x...", "snare": _BACKBEAT, "hat": "x...x...x...x..."},
        comps=("eighths", "strum", "quarters", "pad"),
    ),
    Groove(
        "two-beat",
        (4, 4),
        (136, 190),
        {"kick": "x.......x.......", "snare": _BACKBEAT, "hat": "x...x...x...x..."},
        comps=("strum", "stabs", "quarters", "arpeggio"),
    ),
    Groove(
        "ska",
        (4, 4),
        (132, 182),
        {"kick": "x.......x.......", "snare": _BACKBEAT, "hat": "..x...x...x...x."},
        comps=("offbeats",),
    ),
    Groove(
        "half-time",
        (4, 4),
        (70, 124),
        {"kick": "x.............x.", "snare": "........x.......", "hat": "x...x...x...x..."},
        comps=("eighths", "strum", "quarters", "arpeggio"),
        feel="half-time",
    ),
    Groove(
        "half-time rock",
        (4, 4),
        (76, 128),
        {"kick": "x.....x.....x...x.......x.....x.", "snare": "........x.......", "ride": "x.o.x.o.x.o.x.o."},
        comps=("eighths", "strum", "quarters"),
        feel="half-time",
    ),
    Groove(
        "half-time shuffle",
        (4, 4),
        (76, 124),
        {"kick": "x.....x.........", "snare": "........x.......", "hat": "x.o.x.o.x.o.x.o."},
        swing=(0.6, 0.667),
        comps=("quarters", "eighths", "stabs"),
        feel="half-time",
    ),
    Groove(
        "one-drop",
        (4, 4),
        (64, 90),
        {"kick": "....x.......x...", "rim": "....x.......x...", "hat": "x.x.x.xox.x.x.xo"},
        swing=(0.5, 0.6),
        comps=("skank",),
        feel="one-drop",
    ),
    Groove(
        "rockers",
        (4, 4),
        (66, 92),
        {"kick": "x...x...x...x...", "rim": "....x.......x...", "hat": "..x...x...x...x."},
        comps=("skank",),
        feel="one-drop",
    ),
    Groove(
        "polka",
        (4, 4),
        (92, 132),
        {"kick": "x...x...x...x...", "snare": "..x...x...x...x."},
        comps=("offbeats", "stabs", "eighths"),
        feel="double-time",
    ),
    Groove(
        "train beat",
        (4, 4),
        (88, 124),
        {"kick": "x...x...x...x...", "snare": "ooxoooxoooxooox."},
        comps=("strum", "offbeats", "arpeggio"),
        feel="double-time",
    ),
    Groove(
        "breakbeat",
        (4, 4),
        (84, 136),
        {
            "kick": "x.x.......xx....x.x.......x.....",
            "snare": "....x..o.o..x..o....x..o.o..x.oo",
            "hat": "x.x.x.x.x.x.x.x.",
        },
        comps=("pad", "stabs", "arpeggio"),
    ),
    Groove(
        "drum and bass",
        (4, 4),
        (160, 178),
        {"kick": "x.........x.....", "snare": _BACKBEAT, "hat": _QUAVERS},
        comps=("pad", "stabs", "eighths"),
        feel="plain",
    ),
    Groove(
        "dembow",
        (4, 4),
        (86, 108),
        {"kick": "x...x...x...x...", "snare": "...x..x....x..x.", "hat": "x.o.x.o.x.o.x.o."},
        comps=("pad", "stabs", "offbeats"),
    ),
    Groove(
        "cha-cha",
        (4, 4),
        (104, 132),
        {
            "kick": "x.....x.x.......",
            "bell": "x...x...x...x...",
            "conga": "....x.....x.x.xx",
            "shaker": "x.o.x.o.x.o.x.o.",
        },
        comps=("montuno", "stabs"),
    ),
    Groove(
        "samba",
        (4, 4),
        (88, 112),
        {"kick": "o..xx..xo..xx..x", "tambourine": "xooxxooxxooxxoox", "rim": "x.x.x..x.x.x.x.."},
        comps=("montuno", "strum"),
    ),
    Groove(
        "shuffle",
        (4, 4),
        (84, 148),
        {"kick": "x.......x.......", "snare": _BACKBEAT, "hat": "x.x.x.x.x.x.x.x."},
        swing=(0.6, 0.667),
        comps=("eighths", "stabs", "quarters"),
    ),
    Groove(
        "swing",
        (4, 4),
        (100, 190),
        {"ride": "x...x.x.x...x.x.", "hat": "....x.......x...", "kick": "o...o...o...o..."},
        swing=(0.58, 0.667),
        comps=("charleston", "quarters"),
    ),
    Groove("shaker", (4, 4), (76, 124), {"shaker": "x.o.x.o.x.o.x.o.", "kick": "x.......x......."}),
    Groove(
        "kick and rim",
        (4, 4),
        (70, 108),
        {"kick": "x...............", "rim": "........x......."},
        comps=("strum", "arpeggio", "eighths"),
        feel="half-time",
    ),
    Groove(
        "waltz",
        (3, 4),
        (84, 176),
        {"kick": "x...........", "snare": "....o...o...", "hat": "....x...x..."},
        comps=("oom-pah-pah", "quarters", "pad"),
    ),
    Groove(
        "jazz waltz",
        (3, 4),
        (108, 170),
        {"ride": "x...x.x.x...", "hat": "....x.......", "kick": "x.........o."},
        swing=(0.58, 0.667),
        comps=("charleston", "quarters"),
    ),
    Groove(
        "slow waltz",
        (3, 4),
        (66, 104),
        {"kick": "x.....x.....", "snare": "........x...", "hat": "x.o.x.o.x.o."},
        comps=("arpeggio", "strum", "quarters", "pad"),
    ),
    Groove(
        "rock in three",
        (3, 4),
        (88, 156),
        {"kick": "x...........", "snare": "....x.......", "hat": "x.o.x.o.x.o."},
        comps=("eighths", "strum", "stabs"),
    ),
    Groove(
        "six-eight ballad",
        (6, 8),
        (60, 80),
        {"kick": "x.........o.", "snare": "......x.....", "hat": "x.o.o.x.o.o."},
        comps=("arpeggio", "eighths", "pad", "strum"),
    ),
    Groove(
        "six-eight rock",
        (6, 8),
        (66, 112),
        {"kick": "x.........x.x...........", "snare": "......x.....", "ride": "x.x.x.x.x.x."},
        comps=("arpeggio", "eighths", "strum"),
    ),
    Groove(
        "jig",
        (6, 8),
        (96, 126),
        {"kick": "x.....x.....", "tambourine": "x.o.x.x.o.x."},
        comps=("strum", "quarters", "eighths"),
    ),
)
GROOVES: Final[Mapping[str, Groove]] = {groove.name: groove for groove in _ALL}
"""Every style by name."""
