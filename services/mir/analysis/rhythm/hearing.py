"""Tempo, beats, downbeats and metre of a track, in the order in which they need each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.mir.analysis.activations import BeatActivations
from services.mir.analysis.findings import Beats, Finding, Metre, Reason, Tempo, TempoCandidate
from services.mir.analysis.preparation import RATE, Mono
from services.mir.analysis.progress import IsCancelled, check, never
from services.mir.analysis.rhythm import learned
from services.mir.analysis.rhythm.decoding import FRAMES_PER_SECOND
from services.mir.analysis.rhythm.evidence import clarity, listen
from services.mir.analysis.rhythm.levels import levels
from services.mir.analysis.rhythm.onsets import onset_bands
from services.mir.analysis.rhythm.readings import BEATS_PER_BAR, Reading, readings
from services.mir.analysis.rhythm.tempo import steady_tempo, varying_tempo
from services.mir.analysis.rhythm.timing import Line, fit_line, is_steady, refine, smooth

__all__ = ["Rhythm", "hear_rhythm"]

Times = NDArray[np.float64]

_SILENCE: Final = 1e-4  # -80 dBFS: nothing in a track that stays below it was meant to be heard
_SHORTEST: Final = 2 * RATE  # samples; less holds too few beats to tell them from a row of sounds
_EARLY: Final = 0.035  # seconds; a track that was cut at its first beat seems to begin a little after it
_TIME_SIGNATURES: Final = {4: (4, 4), 3: (3, 4), 2: (6, 8)}


@dataclass(frozen=True)
class Rhythm:
    """What is heard of the rhythm, and why the rest is absent."""

    tempo: Tempo | None = None
    beats: Beats | None = None
    metre: Metre | None = None
    absences: Mapping[Finding, Reason] = field(default_factory=dict)


@dataclass(frozen=True)
class _Choice:
    """The likeliest reading; how sure its beats, its bars and its metre are; the tempi at which one could count, best first."""

    reading: Reading
    level_share: float
    bars_share: float
    metre_share: float
    tempi: tuple[TempoCandidate, ...]


def hear_rhythm(
    activations: BeatActivations,
    mono: Mono,
    harmonic_change: NDArray[np.float32] | None = None,
    cancelled: IsCancelled = never,
) -> Rhythm:
    """Hear the rhythm of a track: float32 (samples,) at `RATE`, and what the beat network says of it.

    `harmonic_change`: how much the chord changes, (frames,) at the activations' rate; without it downbeats and metre are less
    sure. Deterministic; a second of audio takes about 5 ms and keeps 13 kB.

    Raises:
        Cancelled: if `cancelled` answers True.
    """
    check(cancelled)
    if not mono.size or max(mono.max(), -mono.min()) < _SILENCE:
        return _nothing("silent")
    if len(mono) < _SHORTEST:
        return _nothing("too_short")
    onsets = onset_bands(mono, cancelled)
    heard = listen(activations, onsets, harmonic_change)
    check(cancelled)
    weights = learned.PLAIN if harmonic_change is None else learned.HARMONIC
    found = levels(heard)
    if not found:
        return _nothing("too_short")
    every = readings(heard, found, weights.downbeat, weights.downbeat_bias)
    choice = _choose(every, weights.reading)
    clear = max(clarity(heard, level.beats) for level in found if level.tempo == choice.reading.level.tempo)
    return _tell(choice, onsets, clear) if clear else _nothing("no_pulse")


def _nothing(reason: Reason) -> Rhythm:
    absent: tuple[Finding, ...] = ("tempo", "grid", "beats", "metre")
    return Rhythm(absences=dict.fromkeys(absent, reason))


def _choose(every: Sequence[Reading], weights: NDArray[np.float32]) -> _Choice:
    """The likeliest tempo, summed over phases and metres; the likeliest phase in it; and the likeliest metre of that.

    A metre is as sure as all readings together that have it, at whatever tempo.
    """
    scores = np.stack([reading.features for reading in every]).astype(np.float64) @ weights
    shares = np.exp(scores - scores.max())
    shares /= shares.sum()
    tempi = _tempi(every, shares)
    at_tempo = np.array([reading.level.tempo == tempi[0].bpm for reading in every])
    by_level = (shares * at_tempo).reshape(-1, len(BEATS_PER_BAR)).sum(axis=1)
    level = int(np.argmax(by_level))
    row = slice(level * len(BEATS_PER_BAR), (level + 1) * len(BEATS_PER_BAR))
    chosen = row.start + int(np.argmax(shares[row]))
    of_metre = shares[chosen % len(BEATS_PER_BAR) :: len(BEATS_PER_BAR)].sum()
    return _Choice(every[chosen], float(by_level[level]), float(shares[chosen]), float(of_metre), tempi)


def _tempi(every: Sequence[Reading], shares: Times) -> tuple[TempoCandidate, ...]:
    """The tempi of all readings with their shares, best first."""
    sums: dict[float, float] = {}
    for reading, share in zip(every, shares, strict=True):
        sums[reading.level.tempo] = sums.get(reading.level.tempo, 0.0) + float(share)
    return tuple(TempoCandidate(bpm, share) for bpm, share in sorted(sums.items(), key=lambda each: -each[1]))


def _tell(choice: _Choice, onsets: NDArray[np.float32], clear: float) -> Rhythm:
    reading = choice.reading
    refined, weights = refine(reading.level.beats / FRAMES_PER_SECOND, onsets)
    line = fit_line(refined, weights)
    steady = is_steady(line)
    seconds, places = _on_line(line, reading) if steady else (smooth(refined), reading.places)
    first = int(np.searchsorted(seconds, -_EARLY))
    beats = Beats(
        tuple(float(at) for at in seconds[first:]),
        tuple(int(place) for place in places[first:]),
        choice.level_share * clear,
        choice.bars_share * clear,
    )
    sure = choice.tempi[0].share * clear
    bpm = 60.0 / line.period
    tempo = steady_tempo(beats, bpm, sure, choice.tempi) if steady else varying_tempo(beats, sure, choice.tempi)
    metre = Metre(*_TIME_SIGNATURES[reading.beats_per_bar], choice.metre_share * clear)
    within = replace(beats, seconds=tuple(max(0.0, at) for at in beats.seconds))
    return Rhythm(tempo, within, metre, {} if steady else {"grid": "tempo_varies"})


def _on_line(line: Line, reading: Reading) -> tuple[Times, NDArray[np.int64]]:
    """All beats of a grid from the first to the last one heard, and the places in the bar that most of them have."""
    numbers = np.arange(line.numbers[0], line.numbers[-1] + 1)
    phases = (reading.places - 1 - line.numbers) % reading.beats_per_bar
    phase = int(np.argmax(np.bincount(phases, minlength=reading.beats_per_bar)))
    return line.offset + line.period * numbers, (numbers + phase) % reading.beats_per_bar + 1
