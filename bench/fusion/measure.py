"""A line of the table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Measure", "shown"]


@dataclass(frozen=True)
class Measure:
    """What was measured, what must be reached, what was found, and whether that is enough (None: it is only told)."""

    name: str
    goal: str
    found: str
    reached: bool | None = None


def shown(measures: Sequence[Measure]) -> str:
    """The table as text."""
    rows = [("", "must reach", "found", ""), *((each.name, each.goal, each.found, _mark(each)) for each in measures)]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return "\n".join("  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)) for row in rows)


def _mark(each: Measure) -> str:
    return {None: "", True: "yes", False: "NO"}[each.reached]
