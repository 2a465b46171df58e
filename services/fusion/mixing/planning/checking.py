"""Whether a wish can be planned at all: its numbers and its contradictions."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Final

from services.fusion.mixing.planning.errors import PlanError
from services.fusion.mixing.planning.key_target import MODES
from services.fusion.mixing.planning.material import Track
from services.fusion.mixing.planning.tempo_target import TARGET_BPM
from services.fusion.mixing.planning.wish import Length, Match, MatchMode, StemWish, Target, Wish

__all__ = ["LONGEST_SECONDS", "MAX_STEMS", "SHORTEST_TRIM", "check"]

MAX_STEMS: Final = 64

LONGEST_SECONDS: Final = 3600.0
"""A song is at most an hour long."""

SHORTEST_TRIM: Final = 0.25
"""Seconds; less is a noise."""

_MOST_LOOPS: Final = 1000
_RATES: Final = (8000, 192_000)
_KEY_MODES: Final = (MatchMode.TEMPO_AND_KEY, MatchMode.FULL)

_RANGES: Final = {
    "gain_db": (-60.0, 12.0, "dB"),
    "pan": (-1.0, 1.0, ""),
    "speed": (0.5, 2.0, "times"),
    "semitones": (-12.0, 12.0, "semitones"),
    "start_seconds": (-LONGEST_SECONDS, LONGEST_SECONDS, "seconds"),
    "fade_in_seconds": (0.0, LONGEST_SECONDS, "seconds"),
    "fade_out_seconds": (0.0, LONGEST_SECONDS, "seconds"),
    "loops": (0, _MOST_LOOPS, "times"),
    "sample_rate": (*_RATES, "Hz"),
}


def check(wish: Wish, tracks: Mapping[str, Track]) -> None:
    """Refuse what contradicts itself or lies out of range.

    Raises:
        PlanError: `NO_STEMS`, `TOO_MANY_STEMS`, `VALUE_OUT_OF_RANGE`, `STEM_EMPTY`, `TRIM_EMPTY`, `BARS_OUT_OF_RANGE`,
            `LOOPS_WITHOUT_END`, or of the target `TARGET_WITHOUT_MATCH`, `TARGET_CONTRADICTORY`, `KEY_NOT_MATCHED`,
            `TARGET_TEMPO_OUT_OF_RANGE`, `TARGET_KEY_INVALID`, `TARGET_TRACK_UNKNOWN`, `TARGET_TRACK_WITHOUT_TEMPO`,
            `TARGET_TRACK_WITHOUT_KEY` (the last two by `suggest`).
    """
    if not wish.stems:
        raise PlanError("NO_STEMS", "A fusion is made of at least one stem. Choose one.")
    if len(wish.stems) > MAX_STEMS:
        count = len(wish.stems)
        raise PlanError(
            "TOO_MANY_STEMS", f"{count} stems are more than the {MAX_STEMS} allowed. Leave some out.", count=count
        )
    for stem in wish.stems:
        _check_stem(stem)
    _check_length(wish)
    _check_target(wish.match, tracks)


def _check_stem(stem: StemWish) -> None:
    for name, (low, high, unit) in _RANGES.items():
        _in_range(stem, name, getattr(stem, name), low, high, unit)
    if not (isfinite(stem.seconds) and stem.seconds > 0):
        raise PlanError("STEM_EMPTY", f"The {stem.role} stem holds no sound. Leave it out.", stem_id=stem.stem_id)
    if stem.trim is not None:
        _check_trim(stem, stem.trim.start, stem.trim.end)


def _in_range(stem: StemWish, name: str, value: float, low: float, high: float, unit: str) -> None:
    if not low <= value <= high:  # refuses NaN too
        raise PlanError(
            "VALUE_OUT_OF_RANGE",
            f"{name} of the {stem.role} stem is {value:g}; it lies between {low:g} and {high:g} {unit}".rstrip() + ".",
            stem_id=stem.stem_id,
            field=name,
            value=value,
        )


def _check_trim(stem: StemWish, start: float, end: float) -> None:
    left = min(end, stem.seconds) - max(start, 0.0)
    if not left >= SHORTEST_TRIM:
        raise PlanError(
            "TRIM_EMPTY",
            f"The trim {start:.2f} s to {end:.2f} s leaves nothing of the {stem.role} stem, which is {stem.seconds:.2f} s long. "
            f"Choose at least {SHORTEST_TRIM:g} s of it.",
            stem_id=stem.stem_id,
            start_seconds=start,
            end_seconds=end,
        )


def _check_length(wish: Wish) -> None:
    if wish.sample_rate is not None and not _RATES[0] <= wish.sample_rate <= _RATES[1]:
        raise PlanError("VALUE_OUT_OF_RANGE", f"A song has 8,000 to 192,000 samples a second, not {wish.sample_rate}.")
    if wish.length is Length.BARS:
        if wish.bars < 1:
            raise PlanError(
                "BARS_OUT_OF_RANGE", f"A song of {wish.bars} bars is none. Ask for at least 1.", bars=wish.bars
            )
        if wish.match.mode is MatchMode.NONE:
            raise PlanError(
                "BARS_NEED_BEATS", "Bars are counted on a common beat. Match the tempo, or choose another length."
            )
    elif all(stem.loops == 0 for stem in wish.stems):
        raise PlanError(
            "LOOPS_WITHOUT_END", "Every stem is repeated without end. Let one end, or give the song's length in bars."
        )


def _check_target(match: Match, tracks: Mapping[str, Track]) -> None:
    target = match.target
    tempo, key = (
        target.bpm is not None or target.tempo_of is not None,
        target.key is not None or target.key_of is not None,
    )
    if match.mode is MatchMode.NONE and (tempo or key):
        raise PlanError("TARGET_WITHOUT_MATCH", "A target needs matching. Match the tempo, or leave the target out.")
    if key and match.mode not in _KEY_MODES:
        raise PlanError(
            "KEY_NOT_MATCHED", "A target key needs keys to be matched. Match tempo and key, or leave it out."
        )
    if target.bpm is not None and target.tempo_of is not None:
        raise PlanError(
            "TARGET_CONTRADICTORY", "The tempo is given and that of a track as well. Choose one of the two."
        )
    if target.key is not None and target.key_of is not None:
        raise PlanError("TARGET_CONTRADICTORY", "The key is given and that of a track as well. Choose one of the two.")
    _check_target_values(target, tracks)


def _check_target_values(target: Target, tracks: Mapping[str, Track]) -> None:
    if target.bpm is not None and not TARGET_BPM[0] <= target.bpm <= TARGET_BPM[1]:
        raise PlanError(
            "TARGET_TEMPO_OUT_OF_RANGE",
            f"A song's tempo lies between {TARGET_BPM[0]:g} and {TARGET_BPM[1]:g} BPM, not at {target.bpm:g}. "
            "Choose one within, half or double perhaps.",
            bpm=target.bpm,
        )
    if target.key is not None and (target.key.tonic not in range(12) or target.key.mode not in MODES):
        raise PlanError("TARGET_KEY_INVALID", "A key has a tonic from 0 (C) to 11 (B) and is major or minor.")
    for named in (target.tempo_of, target.key_of):
        if named is not None and named not in tracks:
            raise PlanError(
                "TARGET_TRACK_UNKNOWN",
                "The track that gives the target isn't among those of the fusion.",
                track_id=named,
            )
