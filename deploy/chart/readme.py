"""The chart's README: its head is written by hand, its table from the comments of values.yaml."""

import json
from typing import Any

from deploy.chart.comments import Entry, entries
from deploy.chart.places import CHART

__all__ = ["document"]


def document() -> str:
    """Return the page."""
    head = (CHART / "files" / "readme-head.md").read_text(encoding="utf-8")
    text = (CHART / "values.yaml").read_text(encoding="utf-8")
    return f"{head}\n| value | meaning | default |\n|---|---|---|\n" + "".join(map(_row, entries(text)))


def _row(entry: Entry) -> str:
    name = ".".join(entry.path)
    if entry.group:
        return f"| **`{name}`** | {_cell(entry.meaning)} | |\n"
    return f"| `{name}` | {_cell(entry.meaning)} | {_default(entry.value)} |\n"


def _default(value: Any) -> str:
    return "empty" if value in ("", {}, []) else f"`{_cell(json.dumps(value))}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
