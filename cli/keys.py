"""Keys as people type them: F#m, 'F# minor', Bb."""

import re

from cli.stem_expressions import ExpressionError

__all__ = ["key_named"]

_STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_KEY = re.compile(r"([A-Ga-g])([#b]?)\s*(m|min|minor|maj|major|)")


def key_named(word: str) -> tuple[int, bool]:
    """Return the tonic, 0 = C to 11 = B, and whether it is minor; raises `ExpressionError`."""
    found = _KEY.fullmatch(word)
    if not found:
        raise ExpressionError(f"'{word}' is not a key like F#m, 'F# minor' or Bb.")
    step, accidental, mode = found.groups()
    tonic = (_STEPS[step.upper()] + {"#": 1, "b": -1, "": 0}[accidental]) % 12
    return tonic, mode in ("m", "min", "minor")
