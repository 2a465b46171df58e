"""The tables of the bench."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np

from bench.mir import sections
from bench.mir.hearing import Heard
from tests.songs import Recipe

__all__ = ["MEASURES", "TRAITS", "Figures", "figures", "shown"]

Figures = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Measure:
    """A line of the table: how it is taken from songs, by way; `goal` is what the reporting half must reach."""

    name: str
    take: Callable[[Sequence[Heard], str], float | None]
    goal: float | None = None
    lower_is_better: bool = False
    part: str = ""


def _mean(key: str) -> Callable[[Sequence[Heard], str], float | None]:
    def take(heard: Sequence[Heard], way: str) -> float | None:
        values = [each.scores[way][key] for each in heard if each.scores[way][key] is not None]
        return float(np.mean(values)) if values else None

    return take


def _without_drums(heard: Sequence[Heard], way: str) -> float | None:
    return _mean("beat_f")([each for each in heard if not each.piece.recipe.drums], way)


def _beat_error(heard: Sequence[Heard], way: str) -> float | None:
    errors = [abs(error) for each in heard for error in each.scores[way]["beat_errors"]]
    return 1000 * float(np.median(errors)) if errors else None


def _cents(percent: float) -> Callable[[Sequence[Heard], str], float | None]:
    def take(heard: Sequence[Heard], way: str) -> float | None:
        errors = [each.scores[way]["cents"] for each in heard if each.scores[way]["cents"] is not None]
        return float(np.percentile(errors, percent)) if errors else None

    return take


def _calibration(what: str, confidence: str) -> Callable[[Sequence[Heard], str], float | None]:
    def take(heard: Sequence[Heard], way: str) -> float | None:
        sure = [each for each in heard if (getattr(each.answers[way], confidence) or 0.0) > 0.8]
        return float(np.mean([each.scores[way][what] for each in sure])) if sure else None

    return take


def _sure(confidence: str) -> Callable[[Sequence[Heard], str], float | None]:
    def take(heard: Sequence[Heard], way: str) -> float | None:
        said = [getattr(each.answers[way], confidence) for each in heard]
        return float(np.mean([(value or 0.0) > 0.8 for value in said])) if any(v is not None for v in said) else None

    return take


def _told(what: str, key: str) -> Callable[[Sequence[Heard], str], float | None]:
    """The mean, of a way that tells such a thing at all."""

    def take(heard: Sequence[Heard], way: str) -> float | None:
        return _mean(key)(heard, way) if any(getattr(each.answers[way], what) for each in heard) else None

    return take


def _seconds(heard: Sequence[Heard], way: str) -> float:
    return float(np.median([each.scores[way]["cpu_seconds"] for each in heard]))


MEASURES: Final = (
    Measure("tempo Acc1 (4 %)", _mean("acc1"), 0.90, part="rhythm"),
    Measure("tempo Acc2", _mean("acc2"), 0.98, part="rhythm"),
    Measure("beat F (70 ms)", _mean("beat_f"), 0.90, part="rhythm"),
    Measure("median beat error, ms", _beat_error, 6.0, lower_is_better=True, part="rhythm"),
    Measure("beat F without drums", _without_drums, 0.82, part="rhythm"),
    Measure("downbeat F", _told("downbeats", "downbeat_f"), 0.85, part="rhythm"),
    Measure("metre right", _told("metre", "metre"), 0.92, part="rhythm"),
    Measure("key exact", _mean("key"), 0.92, part="harmony"),
    Measure("key weighted", _mean("key_weighted"), 0.95, part="harmony"),
    Measure("key of the moment", _told("keys", "keys"), None, part="harmony"),
    Measure("tuning error, median cents", _cents(50), 1.5, lower_is_better=True, part="harmony"),
    Measure("tuning error, p95 cents", _cents(95), 5.0, lower_is_better=True, part="harmony"),
    Measure("chords majmin", _told("chords", "chords"), 0.93, part="harmony"),
    Measure("sections, F within 0.5 s", _told("sections", "sections_f_half"), part="form"),
    Measure("sections, F within 3 s", _told("sections", "sections_f_three"), part="form"),
    Measure("sections, pairwise F", _told("sections", "sections_pairwise"), part="form"),
    Measure("songs whose sections are told", sections.told, part="form"),
    Measure("if all had 4 bars, F within 0.5 s", sections.blocks(4, "sections_f_half"), part="form"),
    Measure("if all had 4 bars, F within 3 s", sections.blocks(4, "sections_f_three"), part="form"),
    Measure("if all had 4 bars, pairwise F", sections.blocks(4, "sections_pairwise"), part="form"),
    Measure("if all had 8 bars, F within 0.5 s", sections.blocks(8, "sections_f_half"), part="form"),
    Measure("if all had 8 bars, F within 3 s", sections.blocks(8, "sections_f_three"), part="form"),
    Measure("if all had 8 bars, pairwise F", sections.blocks(8, "sections_pairwise"), part="form"),
    Measure("tempo right when > 0.8 sure", _calibration("acc1", "tempo_confidence"), 0.95, part="rhythm"),
    Measure("songs so sure of their tempo", _sure("tempo_confidence"), part="rhythm"),
    Measure("metre right when > 0.8 sure", _calibration("metre", "metre_confidence"), 0.95, part="rhythm"),
    Measure("songs so sure of their metre", _sure("metre_confidence"), part="rhythm"),
    Measure("key right when > 0.8 sure", _calibration("key", "key_confidence"), 0.95, part="harmony"),
    Measure("songs so sure of their key", _sure("key_confidence"), part="harmony"),
    Measure("section right when > 0.8 sure", sections.calibration, 0.95, part="form"),
    Measure("sections so sure", sections.sure, part="form"),
    Measure("CPU seconds a song", _seconds, lower_is_better=True),
)
"""Every line, in the order of the issue."""


def _tempo_band(recipe: Recipe) -> str:
    edges = (60, 80, 100, 120, 140, 160, 190)
    return next(f"{low}-{high}" for low, high in pairwise(edges) if recipe.bpm <= high)


TRAITS: Final[Mapping[str, Callable[[Recipe], str]]] = {
    "metre": lambda r: f"{r.metre[0]}/{r.metre[1]}",
    "groove": lambda r: r.groove,
    "feel": lambda r: r.style.feel,
    "drums": lambda r: "drums" if r.drums else "no drums",
    "tempo": lambda r: r.tempo_shape,
    "bpm": _tempo_band,
    "swing": lambda r: "swung" if r.swing > 0.54 else "straight",
    "chord_rhythm": lambda r: r.chord_rhythm,
    "comp": lambda r: r.comp,
    "mode": lambda r: r.mode,
    "modulation": lambda r: "modulates" if r.modulation else "one key",
    "borrowed": lambda r: "borrowed" if r.borrowed else "diatonic",
    "sevenths": lambda r: "sevenths" if r.sevenths else "triads",
    "tuning": lambda r: "detuned" if r.cents else "440 Hz",
    "lead": lambda r: r.lead,
    "intro": lambda r: r.intro,
    "pickup": lambda r: f"pick-up {r.pickup}",
    "bass": lambda r: "bass" if r.bass else "no bass",
    "sounds": lambda r: r.sounds,
}
"""What songs can be told apart by."""


def figures(heard: Sequence[Heard], only: str | None = None) -> Figures:
    """Per measure the goal and the figure of every way; `only` is "rhythm", "harmony" or "form"."""
    ways = list(heard[0].answers)
    return {
        measure.name: {"goal": measure.goal} | {way: measure.take(heard, way) for way in ways}
        for measure in MEASURES
        if only is None or measure.part in ("", only)
    }


def shown(title: str, found: Figures) -> str:
    """A table as text; a figure that misses its goal has a mark."""
    columns = list(next(iter(found.values())))
    lines = [f"{title:<34}" + "".join(f"{column:>9}" for column in columns)]
    for measure in MEASURES:
        if measure.name in found:
            row = found[measure.name]
            mark = " <-" if _misses(measure, row["ours"]) else ""
            lines.append(f"{measure.name:<34}" + "".join(f"{_number(row[column]):>9}" for column in columns) + mark)
    return "\n".join(lines)


def _misses(measure: Measure, value: float | None) -> bool:
    if measure.goal is None:
        return False
    return value is None or (value > measure.goal if measure.lower_is_better else value < measure.goal)


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.3f}" if value < 1.5 else f"{value:.1f}"
