"""How right an answer is, by mir_eval."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import mir_eval
import numpy as np

from tests.songs import PITCH_CLASSES, Truth
from tests.songs.scoring.answers import Answer
from tests.songs.scoring.sections import score_sections

__all__ = ["Scores", "events_f", "key_name", "score"]

Scores = dict[str, Any]
"""Measures by name; a missing answer is wrong where it can be, and left out where an error has no meaning."""

_TOLERANCE: Final = 0.04
_WINDOW: Final = 0.07
_OCTAVES: Final = (1.0, 2.0, 3.0, 1 / 2, 1 / 3)


def score(answer: Answer, truth: Truth) -> Scores:
    """Every measure of one song."""
    return {
        "acc1": _near(answer.bpm, truth.tempo_bpm, (1.0,)),
        "acc2": _near(answer.bpm, truth.tempo_bpm, _OCTAVES),
        "beat_f": events_f(truth.beats, answer.beats),
        "beat_errors": _errors(truth.beats, answer.beats),
        "downbeat_f": events_f(truth.downbeats, answer.downbeats),
        "metre": float(answer.metre == truth.metre),
        "key": float(answer.key == (truth.tonic, truth.mode)),
        "key_weighted": _key_weighted(answer, truth),
        "keys": _keys_over_time(answer, truth),
        "cents": abs((answer.cents - truth.cents + 50) % 100 - 50) if answer.cents is not None else None,
        "chords": _chords(answer, truth),
        "cpu_seconds": answer.cpu_seconds,
        **score_sections(answer.sections, truth),
    }


def _near(found: float | None, true: float, factors: Sequence[float]) -> float:
    return float(found is not None and any(abs(found / (true * factor) - 1) <= _TOLERANCE for factor in factors))


def _trimmed(events: Sequence[float]) -> Any:
    """Without the first five seconds, as is the custom."""
    return mir_eval.beat.trim_beats(np.asarray(events, float))


def events_f(true: Sequence[float], found: Sequence[float]) -> float:
    """The F-measure of events within 70 ms, the first five seconds left out."""
    reference, estimate = _trimmed(true), _trimmed(found)
    if not len(reference) or not len(estimate):
        return 0.0
    return float(mir_eval.beat.f_measure(reference, estimate, _WINDOW))


def _errors(true: Sequence[float], found: Sequence[float]) -> list[float]:
    """Signed seconds between the beats that match: positive is late."""
    reference, estimate = _trimmed(true), _trimmed(found)
    if not len(reference) or not len(estimate):
        return []
    return [float(estimate[e] - reference[r]) for r, e in mir_eval.util.match_events(reference, estimate, _WINDOW)]


def _key_weighted(answer: Answer, truth: Truth) -> float:
    if answer.key is None:
        return 0.0
    return float(mir_eval.key.weighted_score(key_name(truth.tonic, truth.mode), key_name(*answer.key)))


def key_name(tonic: int, mode: str) -> str:
    """A key as mir_eval writes it."""
    return f"{PITCH_CLASSES[tonic]} {mode}"


def _keys_over_time(answer: Answer, truth: Truth) -> float:
    """The share of the time in which the key of the moment is right."""
    spans = answer.keys or ((0.0, truth.chords[-1].end, *answer.key),) if answer.key else ()
    true = sum(span.end - span.start for span in truth.keys)
    right = sum(
        max(0.0, min(span.end, end) - max(span.start, start))
        for span in truth.keys
        for start, end, tonic, mode in spans
        if (tonic, mode) == (span.tonic, span.mode)
    )
    return float(right / true)


def _chords(answer: Answer, truth: Truth) -> float:
    """The share of the time in which major, minor or no chord is right; diminished ones are left out, as is the custom."""
    if not answer.chords:
        return 0.0
    true = [(chord.start, chord.end, chord.root, chord.quality) for chord in truth.chords]
    reference, names = _labels(true)
    estimate, guesses = mir_eval.util.adjust_intervals(
        *_labels(answer.chords), reference.min(), reference.max(), mir_eval.chord.NO_CHORD, mir_eval.chord.NO_CHORD
    )
    intervals, names, guesses = mir_eval.util.merge_labeled_intervals(reference, names, estimate, guesses)
    durations = mir_eval.util.intervals_to_durations(intervals)
    return float(mir_eval.chord.weighted_accuracy(mir_eval.chord.majmin(names, guesses), durations))


def _labels(chords: Sequence[tuple[float, float, int, str]]) -> tuple[Any, list[str]]:
    names = ["N" if quality == "N" else f"{PITCH_CLASSES[root]}:{quality}" for _, _, root, quality in chords]
    return np.array([[start, end] for start, end, _, _ in chords]), names
