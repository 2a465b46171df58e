"""A person's word over what was heard, and what follows from it. Imports no numpy: it is applied whenever findings are read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final

from services.mir.analysis.findings import (
    Analysis,
    Beats,
    Finding,
    Grid,
    Key,
    KeyName,
    KeySection,
    Metre,
    Passage,
    Reason,
    Section,
    Tempo,
    TempoCandidate,
    TempoPoint,
)
from services.mir.analysis.metrical_levels import at_level, beats_per_bar, laid, level_of, moved, regrouped

__all__ = ["NO_CORRECTIONS", "Corrections", "TimeSignature", "corrected"]

_SURE: Final = 1.0
_ON_TIME: Final = 0.05
"""Seconds by which a downbeat may come before the section that it opens."""


@dataclass(frozen=True)
class TimeSignature:
    """As it is written: 6/8 is 6 and 8."""

    numerator: int
    denominator: int


@dataclass(frozen=True)
class Corrections:
    """What a person said; None where nothing. `tempo_bpm` in beats per minute, `downbeat_seconds` where a bar begins."""

    tempo_bpm: float | None = None
    downbeat_seconds: float | None = None
    key: KeyName | None = None
    time_signature: TimeSignature | None = None


NO_CORRECTIONS: Final = Corrections()


def corrected(analysis: Analysis, corrections: Corrections) -> Analysis:
    """Return the analysis as the person has it: what was said is there with confidence 1, and what depends on it follows.

    A tempo near one of the levels of the tempo heard (half, double, ...) puts beats between or leaves some out; any other
    replaces the beats by equally spaced ones. A downbeat numbers the beats anew, or moves them all if none is near.
    """
    timed = _with_downbeat(_with_tempo(_with_metre(analysis, corrections), corrections), corrections)
    if timed.beats is not None and timed.beats != analysis.beats:
        timed = _in_new_bars(timed, timed.beats.downbeats)
    return _with_key(timed, corrections.key)


def _with_metre(analysis: Analysis, corrections: Corrections) -> Analysis:
    said, beats = corrections.time_signature, analysis.beats
    if said is None:
        return analysis
    metre = Metre(said.numerator, said.denominator, _SURE)
    per_bar = beats_per_bar(metre)
    if beats is not None and per_bar != beats_per_bar(analysis.metre, beats):
        beats = regrouped(beats, beats.positions.index(1) if 1 in beats.positions else 0, per_bar)
        analysis = _on_grid(replace(analysis, metre=metre), beats, Fraction(1), 0.0)
    return replace(analysis, metre=metre, absences=_without(analysis, "metre"))


def _with_tempo(analysis: Analysis, corrections: Corrections) -> Analysis:
    bpm, heard = corrections.tempo_bpm, analysis.tempo
    if bpm is None:
        return analysis
    level = level_of(bpm, heard.bpm) if heard else None
    if heard is None or level is None:
        return _with_laid_beats(analysis, bpm, corrections.downbeat_seconds)
    curve = tuple(TempoPoint(point.seconds, point.bpm * float(level)) for point in heard.curve)
    said = replace(heard, bpm=bpm, confidence=_SURE, candidates=(TempoCandidate(bpm, _SURE),), curve=curve)
    beats = analysis.beats
    if level == 1 or beats is None:
        return replace(analysis, tempo=said)
    beats = at_level(beats, level, beats_per_bar(analysis.metre, beats))
    return _on_grid(replace(analysis, tempo=said), beats, level, 0.0)


def _with_laid_beats(analysis: Analysis, bpm: float, downbeat_seconds: float | None) -> Analysis:
    """Lay beats at a tempo that was not heard through the first downbeat known; without one there are none."""
    anchor = downbeat_seconds if downbeat_seconds is not None else _first_downbeat(analysis.beats)
    per_bar = beats_per_bar(analysis.metre, analysis.beats)
    tempo = Tempo(bpm, _SURE, (TempoCandidate(bpm, _SURE),))
    if anchor is None:
        return replace(analysis, tempo=tempo, beats=None, absences=_without(analysis, "tempo"))
    beats = laid(anchor, bpm, per_bar, analysis.seconds)
    if analysis.beats is not None:
        beats = replace(beats, downbeat_confidence=analysis.beats.downbeat_confidence)
    grid = Grid(_within_bar(anchor, per_bar * 60 / bpm), bpm)
    absences = _without(analysis, "tempo", "beats", "grid")
    return replace(analysis, tempo=replace(tempo, grid=grid), beats=beats, absences=absences)


def _with_downbeat(analysis: Analysis, corrections: Corrections) -> Analysis:
    said, beats = corrections.downbeat_seconds, analysis.beats
    if said is None or beats is None or not beats.seconds:
        return analysis
    beats, shift = moved(beats, said, beats_per_bar(analysis.metre, beats), analysis.seconds)
    return _on_grid(analysis, replace(beats, downbeat_confidence=_SURE), Fraction(1), shift)


def _first_downbeat(beats: Beats | None) -> float | None:
    if beats is None or not beats.seconds:
        return None
    return beats.downbeats[0] if beats.downbeats else beats.seconds[0]


def _on_grid(analysis: Analysis, beats: Beats, level: Fraction, shift: float) -> Analysis:
    """Return the analysis with these beats, and with its grid at their level, moved by `shift` seconds."""
    tempo, first = analysis.tempo, _first_downbeat(beats)
    if tempo is None or tempo.grid is None or first is None:
        return replace(analysis, beats=beats)
    period, origin = 60 / (tempo.grid.bpm * level.numerator), tempo.grid.offset_seconds + shift
    downbeat = origin + round((first - origin) / period) * period  # the grid is more exact than a single beat
    bpm = tempo.grid.bpm * float(level)
    grid = Grid(_within_bar(downbeat, beats_per_bar(analysis.metre, beats) * 60 / bpm), bpm)
    return replace(analysis, beats=beats, tempo=replace(tempo, grid=grid))


def _within_bar(seconds: float, bar_seconds: float) -> float:
    """Return the first bar's beginning at or after 0, given any bar's."""
    offset = seconds % bar_seconds
    return 0.0 if bar_seconds - offset < 1e-6 else offset


def _in_new_bars(analysis: Analysis, downbeats: Sequence[float]) -> Analysis:
    return replace(
        analysis,
        sections=tuple(_counted(section, downbeats) for section in analysis.sections),
        passages=tuple(_snapped(passage, (*downbeats, analysis.seconds)) for passage in analysis.passages),
    )


def _counted(section: Section, downbeats: Sequence[float]) -> Section:
    return replace(section, bars=sum(section.start <= at + _ON_TIME < section.end for at in downbeats))


def _snapped(passage: Passage, bars: Sequence[float]) -> Passage:
    start = min(bars[:-1], key=lambda at: abs(at - passage.start), default=passage.start)
    end = min((at for at in bars if at > start), key=lambda at: abs(at - passage.end), default=passage.end)
    return replace(passage, start=start, end=end)


def _with_key(analysis: Analysis, name: KeyName | None) -> Analysis:
    if name is None:
        return analysis
    heard = analysis.key.name if analysis.key else None
    sections = tuple(_rekeyed(section, heard, name) for section in analysis.key_sections)
    key = Key(name, _SURE, runner_up=None)
    return replace(analysis, key=key, key_sections=sections, absences=_without(analysis, "key"))


def _rekeyed(section: KeySection, heard: KeyName | None, name: KeyName) -> KeySection:
    """The main key is said wherever it was heard; where the music modulates it still does."""
    return replace(section, name=name, confidence=_SURE) if section.name == heard else section


def _without(analysis: Analysis, *found: Finding) -> dict[Finding, Reason]:
    return {finding: reason for finding, reason in analysis.absences.items() if finding not in found}
