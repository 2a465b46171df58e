"""What was said wrongly of which song."""

from __future__ import annotations

from collections.abc import Iterable

from bench.mir.hearing import Heard
from tests.songs import PITCH_CLASSES

__all__ = ["failures"]


def failures(heard: Iterable[Heard], only: str | None = None) -> list[str]:
    """One line per song of which something essential was said wrongly."""
    lines = []
    for each in heard:
        wrong = [
            *(_rhythm_faults(each) if only in (None, "rhythm") else ()),
            *(_harmony_faults(each) if only in (None, "harmony") else ()),
        ]
        if wrong:
            r = each.piece.recipe
            traits = f"{r.groove}{'' if r.drums else ' (no drums)'}, {r.comp}, {r.tempo_shape}, {r.sounds}"
            lines.append(f"{each.piece.seed:>4}  {'; '.join(wrong)}   [{traits}]")
    return lines


def _rhythm_faults(each: Heard) -> list[str]:
    answer, truth, scores = each.answers["ours"], each.piece.truth, each.scores["ours"]
    faults = []
    if not scores["acc1"]:
        said = f"{answer.bpm:.1f} ({answer.tempo_confidence:.2f})" if answer.bpm else "nothing"
        faults.append(f"tempo {truth.tempo_bpm:.1f} heard as {said}")
    if scores["beat_f"] < 0.8:
        faults.append(f"beat F {scores['beat_f']:.2f}")
    if not scores["metre"]:
        said = f"{answer.metre[0]}/{answer.metre[1]} ({answer.metre_confidence:.2f})" if answer.metre else "nothing"
        faults.append(f"metre {truth.metre[0]}/{truth.metre[1]} heard as {said}")
    elif scores["downbeat_f"] < 0.8:
        faults.append(f"downbeat F {scores['downbeat_f']:.2f}")
    return faults


def _harmony_faults(each: Heard) -> list[str]:
    answer, truth, scores = each.answers["ours"], each.piece.truth, each.scores["ours"]
    faults = []
    if not scores["key"]:
        said = (
            f"{PITCH_CLASSES[answer.key[0]]} {answer.key[1]} ({answer.key_confidence:.2f})" if answer.key else "nothing"
        )
        faults.append(f"key {truth.key} heard as {said}")
    if scores["chords"] < 0.85:
        faults.append(f"chords {scores['chords']:.2f}")
    if scores["cents"] is None or scores["cents"] > 5:
        faults.append(f"tuning {truth.cents:.0f} heard as {answer.cents}")
    return faults
