"""Which arrangements can be performed."""

from __future__ import annotations

from collections.abc import Collection
from itertools import pairwise
from typing import Final

from services.fusion.mixing.arrangement import Arrangement, Mastering, Piece, Voice
from services.fusion.mixing.effects import InvalidEffect, check_effects

__all__ = ["InvalidArrangement", "check_arrangement"]

_GAIN_DB: Final = (-60.0, 12.0)
_CURVE_DB: Final = (-120.0, 12.0)
_PAN: Final = (-1.0, 1.0)
_CENTS: Final = (-2400.0, 2400.0)
_RATE: Final = (8_000, 192_000)
_LOUDNESS: Final = (-40.0, -6.0)
_TRUE_PEAK: Final = (-9.0, 0.0)


class InvalidArrangement(ValueError):
    """An arrangement cannot be performed: it contradicts itself, a setting is out of its range, or a source is missing.

    Attributes:
        code: for programs: `NOTHING_TO_HEAR`, `VOICE_TWICE`, `SOURCE_MISSING`, `PIECES_UNORDERED`, `SETTING_OUT_OF_RANGE`, or
            that of an `InvalidEffect`.
        message: for people: what is wrong, and of which voice.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def check_arrangement(arrangement: Arrangement, sources: Collection[str]) -> None:
    """Refuse what could not be performed.

    Raises:
        InvalidArrangement: the first thing that is wrong.
    """
    if not arrangement.voices or arrangement.frames <= 0:
        raise InvalidArrangement(
            "NOTHING_TO_HEAR", "A song has at least one voice and is longer than nothing: choose a stem."
        )
    _check("sample_rate", arrangement.sample_rate, _RATE, "the song")
    _check_mastering(arrangement.mastering)
    names: set[str] = set()
    for voice in arrangement.voices:
        if voice.name in names:
            raise InvalidArrangement(
                "VOICE_TWICE", f"Two voices are named '{voice.name}': give each a name of its own."
            )
        names.add(voice.name)
        _check_voice(voice, sources)


def _check_mastering(mastering: Mastering) -> None:
    if mastering.loudness_lufs is not None:
        _check("loudness_lufs", mastering.loudness_lufs, _LOUDNESS, "the song")
    _check("true_peak_dbtp", mastering.true_peak_dbtp, _TRUE_PEAK, "the song")


def _check_voice(voice: Voice, sources: Collection[str]) -> None:
    if voice.source not in sources:
        raise InvalidArrangement("SOURCE_MISSING", f"{voice.name}: its stem '{voice.source}' is not there.")
    _check("gain_db", voice.gain_db, _GAIN_DB, voice.name)
    _check("pan", voice.pan, _PAN, voice.name)
    _check("cents", voice.cents, _CENTS, voice.name)
    for name, frames in (("fade_in_frames", voice.fade_in_frames), ("fade_out_frames", voice.fade_out_frames)):
        _check(name, frames, (0, float("inf")), voice.name)
    for _, decibels in voice.gain_curve:
        _check("gain_curve", decibels, _CURVE_DB, voice.name)
    _check_order(voice)
    try:
        check_effects(voice.effects)
    except InvalidEffect as error:
        raise InvalidArrangement(error.code, f"{voice.name}: {error.message}") from None


def _check_order(voice: Voice) -> None:
    ascending = all(_ascends(piece) for piece in voice.pieces)
    if not ascending or any(before.end > after.start for before, after in pairwise(voice.pieces)):
        raise InvalidArrangement("PIECES_UNORDERED", f"{voice.name}: its pieces overlap or run backwards.")
    if any(later <= earlier for (earlier, _), (later, _) in pairwise(voice.gain_curve)):
        raise InvalidArrangement("PIECES_UNORDERED", f"{voice.name}: its gain curve runs backwards.")


def _ascends(piece: Piece) -> bool:
    return (
        len(piece.anchors) > 1
        and piece.start >= 0
        and all(one < other and at < then for (one, at), (other, then) in pairwise(piece.anchors))
    )


def _check(name: str, value: float, limits: tuple[float, float], whose: str) -> None:
    if not limits[0] <= value <= limits[1]:  # NaN is in no range either
        raise InvalidArrangement(
            "SETTING_OUT_OF_RANGE", f"{whose}: '{name}' is {value:g}; it lies between {limits[0]:g} and {limits[1]:g}."
        )
