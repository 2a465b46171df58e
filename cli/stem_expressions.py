"""How stems are chosen on the command line.

    TRACK:PART[,PART…]      PART = TYPE[@SETTING…]

    a1b2:vocals@-3dB "My Song:drums@L20@+1.5dB,bass"

TYPE is vocals, drums, bass, other, guitar, piano, or of those that the track has `all`, `acappella` (the vocals) or
`instrumental` (all but the vocals). A SETTING is

    -3dB  L30  R100  C  mute  solo     gain; pan in per cent, L100 is far left
    +2st  x1.05                        semitones higher; so many times as fast
    at4s  at-1.5s                      later or earlier than planned
    10s-40s  loop4  loop               only this part of the stem; how often in a row (alone: until the song ends)
    in2s  out4s                        fades
    above80Hz  below9000Hz             cuts what lies beyond
    fx=hall                            a preset of effects
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

__all__ = ["ACAPPELLA", "ALL", "INSTRUMENTAL", "TYPES", "Choice", "ExpressionError", "parse"]

TYPES = ("vocals", "drums", "bass", "other", "guitar", "piano")
ALL = "all"
ACAPPELLA = "acappella"
INSTRUMENTAL = "instrumental"

_CHOOSABLE = (*TYPES, ALL, ACAPPELLA, INSTRUMENTAL)


class ExpressionError(Exception):
    """The expression makes no sense; the message says where."""


@dataclass(frozen=True)
class Choice:
    """One stem in the mix, or with the type `all` every stem; `track` is what the person calls the track."""

    track: str
    type: str
    gain_db: float = 0.0
    pan: float = 0.0
    mute: bool = False
    solo: bool = False
    semitones: float = 0.0
    speed: float = 0.0
    start_offset_seconds: float = 0.0
    trim: tuple[float, float] | None = None
    loops: int = 0
    loop_to_end: bool = False
    fade_in_seconds: float = 0.0
    fade_out_seconds: float = 0.0
    low_cut_hz: float | None = None
    high_cut_hz: float | None = None
    preset: str = ""


Fields = Mapping[str, Any]

_N = r"(\d+(?:\.\d+)?)"
_READERS: tuple[tuple[str, Callable[[re.Match[str]], Fields]], ...] = (
    (rf"([+-]?){_N}dB", lambda found: {"gain_db": float(found[1] + found[2])}),
    (r"([LR])(\d{1,3})", lambda found: {"pan": _pan(found[1], int(found[2]))}),
    (r"C", lambda _: {"pan": 0.0}),
    (r"mute", lambda _: {"mute": True}),
    (r"solo", lambda _: {"solo": True}),
    (rf"([+-]?){_N}st", lambda found: {"semitones": float(found[1] + found[2])}),
    (rf"x{_N}", lambda found: {"speed": float(found[1])}),
    (rf"at([+-]?){_N}s", lambda found: {"start_offset_seconds": float(found[1] + found[2])}),
    (rf"{_N}s-{_N}s", lambda found: {"trim": (float(found[1]), float(found[2]))}),
    (r"loop(\d+)", lambda found: {"loops": int(found[1])}),
    (r"loop", lambda _: {"loop_to_end": True}),
    (rf"in{_N}s", lambda found: {"fade_in_seconds": float(found[1])}),
    (rf"out{_N}s", lambda found: {"fade_out_seconds": float(found[1])}),
    (rf"above{_N}Hz", lambda found: {"low_cut_hz": float(found[1])}),
    (rf"below{_N}Hz", lambda found: {"high_cut_hz": float(found[1])}),
    (r"fx=(\w+)", lambda found: {"preset": found[1]}),
)
_SETTINGS = tuple((re.compile(pattern, re.IGNORECASE), read) for pattern, read in _READERS)


def parse(expressions: Iterable[str]) -> list[Choice]:
    """Return the choices that the expressions make, in their order."""
    return [choice for expression in expressions for choice in _choices(expression)]


def _choices(expression: str) -> Iterator[Choice]:
    # From the right: titles may hold colons, types may not.
    track, colon, parts = expression.rpartition(":")
    if not colon or not track or not parts:
        raise ExpressionError(f"'{expression}' is not TRACK:STEM,…: for example  a1b2:vocals,drums@-3dB")
    for part in parts.split(","):
        kind, *settings = part.strip().split("@")
        if kind not in _CHOOSABLE:
            raise ExpressionError(f"'{kind}' in '{expression}' is none of {', '.join(_CHOOSABLE)}")
        yield _set(Choice(track, kind), settings, expression)


def _set(choice: Choice, settings: Iterable[str], expression: str) -> Choice:
    for setting in settings:
        choice = replace(choice, **_fields(setting, expression))
    return choice


def _fields(setting: str, expression: str) -> Fields:
    for pattern, read in _SETTINGS:
        if found := pattern.fullmatch(setting):
            return read(found)
    raise ExpressionError(
        f"'{setting}' in '{expression}' is no setting like -3dB, L30, mute, solo, +2st, x1.1, at4s, 10s-40s, loop4, in2s, "
        "out2s, above80Hz, below9000Hz or fx=hall"
    )


def _pan(side: str, per_cent: int) -> float:
    if per_cent > 100:
        raise ExpressionError(f"'{side}{per_cent}' is further out than 100")
    return -per_cent / 100 if side in "lL" else per_cent / 100
