"""How stems are chosen on the command line.

    TRACK:PART[,PART…]      PART = TYPE[@SETTING…]      SETTING = a gain (-3dB, +2dB), a pan (L30, R100, C) or `mute`

    a1b2:vocals@-3dB "My Song:drums@L20@+1.5dB,bass"

TYPE is vocals, drums, bass, other, guitar, piano, or `all` for those that the track has. The pan is
in per cent: L100 is far left.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

__all__ = ["ALL", "TYPES", "Choice", "ExpressionError", "parse"]

TYPES = ("vocals", "drums", "bass", "other", "guitar", "piano")
ALL = "all"

_GAIN = re.compile(r"[+-]?\d+(\.\d+)?dB", re.IGNORECASE)
_PAN = re.compile(r"[LR]\d{1,3}|C", re.IGNORECASE)


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
        if kind not in (*TYPES, ALL):
            raise ExpressionError(f"'{kind}' in '{expression}' is none of {', '.join((*TYPES, ALL))}")
        yield _set(Choice(track, kind), settings, expression)


def _set(choice: Choice, settings: Iterable[str], expression: str) -> Choice:
    for setting in settings:
        if setting.lower() == "mute":
            choice = replace(choice, mute=True)
        elif _GAIN.fullmatch(setting):
            choice = replace(choice, gain_db=float(setting[:-2]))
        elif _PAN.fullmatch(setting):
            choice = replace(choice, pan=_pan(setting, expression))
        else:
            raise ExpressionError(f"'{setting}' in '{expression}' is no gain (-3dB), pan (L30, R30, C) or 'mute'")
    return choice


def _pan(setting: str, expression: str) -> float:
    per_cent = int(setting[1:] or 0)
    if per_cent > 100:
        raise ExpressionError(f"'{setting}' in '{expression}' is further out than 100")
    return -per_cent / 100 if setting[0] in "lL" else per_cent / 100
