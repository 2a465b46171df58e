"""How a long computation says how far it is, and how it is told to stop."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["Cancelled", "IsCancelled", "Progress", "check", "never", "unheard", "within"]

Progress = Callable[[float], None]
"""Called with the finished fraction, from 0 to 1, never falling."""

IsCancelled = Callable[[], bool]
"""Asked between blocks, several times a second."""


class Cancelled(Exception):
    """The caller's `cancelled` answered True."""


def unheard(fraction: float) -> None:
    """A `Progress` for callers who do not watch."""


def never() -> bool:
    """An `IsCancelled` for callers who do not cancel."""
    return False


def check(cancelled: IsCancelled) -> None:
    """Raise Cancelled if the caller wants to stop."""
    if cancelled():
        raise Cancelled


def within(progress: Progress, start: float, end: float) -> Progress:
    """A `Progress` for one stage that takes up the fractions from `start` to `end` of the whole."""
    return lambda fraction: progress(start + (end - start) * fraction)
