"""What a stem is to a song: how much it suffers, and whether it may be transposed."""

from __future__ import annotations

from typing import Final

__all__ = ["PITCH_WEIGHTS", "STRETCH_WEIGHTS", "is_pitched", "pitch_weight", "stretch_weight"]

STRETCH_WEIGHTS: Final = {
    "vocals": 1.0,  # everybody knows how fast a person speaks
    "drums": 0.8,  # strokes smear
    "piano": 0.8,
    "guitar": 0.7,
    "other": 0.7,
    "bass": 0.5,  # long notes, few strokes
    "residual": 0.3,  # faint
}
"""How much a role suffers from being played faster or slower, against vocals = 1."""

PITCH_WEIGHTS: Final = {
    "vocals": 1.0,  # vowels move with the pitch: a child, a giant
    "piano": 0.7,
    "guitar": 0.7,
    "other": 0.7,
    "bass": 0.4,
    "drums": 0.0,  # never transposed
    "residual": 0.0,  # never transposed: it holds a little of everything, drums too
}
"""How much a role suffers from being transposed, against vocals = 1; 0: it never is."""

_OTHER: Final = "other"


def stretch_weight(role: str) -> float:
    """Of a role, 0.3 to 1; an unknown one is taken for `other`."""
    return STRETCH_WEIGHTS.get(role, STRETCH_WEIGHTS[_OTHER])


def pitch_weight(role: str) -> float:
    """Of a role, 0 to 1; an unknown one is taken for `other`."""
    return PITCH_WEIGHTS.get(role, PITCH_WEIGHTS[_OTHER])


def is_pitched(role: str) -> bool:
    """Whether it is transposed when keys are matched."""
    return pitch_weight(role) > 0
