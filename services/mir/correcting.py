"""The use case of correcting: a person says what is right, and it is checked and remembered."""

import math
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.errors import InvalidInput, NotReady
from chassis.jobs import Announce
from services.mir import analyses, store, track_store
from services.mir.analysis.corrections import Corrections, TimeSignature
from services.mir.analysis.findings import KeyName, Mode
from services.mir.analysis.metrical_levels import LEVELS
from services.mir.store import AnalysisRow

FIELDS: Final = ("tempo", "downbeat_seconds", "key", "time_signature")
"""What an update may name."""

_BPM: Final = (20.0, 400.0)
_NUMERATORS: Final = (1, 16)
_DENOMINATORS: Final = (2, 4, 8, 16)
_SAME_FACTOR: Final = 0.005
"""A third may come as 0.333."""


@dataclass(frozen=True)
class Said:
    """What a person says, unchecked; None: nothing."""

    bpm: float | None = None
    factor: float | None = None
    downbeat_seconds: float | None = None
    key: tuple[int, Mode] | None = None
    time_signature: tuple[int, int] | None = None


async def correct(
    connection: AsyncConnection, owner_id: str, track_id: str, fields: Collection[str], said: Said, announce: Announce
) -> None:
    """Change what is corrected about a track in these fields. Saying again what was said changes nothing.

    Raises `NotFound`, `InvalidInput`, and `NotReady` for a multiple of a tempo that was not heard.
    """
    check_fields(fields)
    await store.lock_track(connection, track_id)
    row = await analyses.find(connection, owner_id, track_id)
    corrections = merged(row, fields, said)
    if corrections != row.corrections:
        await track_store.write_corrections(connection, track_id, owner_id, corrections)
        await announce(connection, row.analysis_id)


def check_fields(fields: Collection[str]) -> None:
    """Raise `InvalidInput` unless something is named, and only what can be corrected."""
    unknown = sorted(set(fields) - set(FIELDS))
    if unknown or not fields:
        raise InvalidInput(
            "UPDATE_MASK_INVALID",
            f"The update mask names {', '.join(unknown) or 'nothing'}; it may name: {', '.join(FIELDS)}.",
            field="update_mask",
        )


def merged(row: AnalysisRow, fields: Collection[str], said: Said) -> Corrections:
    """Return the corrections with these fields as they are said now; raises as `correct` does."""
    merged = row.corrections
    if "tempo" in fields:
        merged = replace(merged, tempo_bpm=_tempo(row, said))
    if "downbeat_seconds" in fields:
        merged = replace(merged, downbeat_seconds=_downbeat(row, said.downbeat_seconds))
    if "key" in fields:
        merged = replace(merged, key=_key(said.key))
    if "time_signature" in fields:
        merged = replace(merged, time_signature=_time_signature(said.time_signature))
    return merged


def _tempo(row: AnalysisRow, said: Said) -> float | None:
    """Return the tempo in BPM; a factor counts from the tempo heard, so that saying it twice is saying it once."""
    bpm = said.bpm if said.factor is None else _factor(said.factor) * _heard_bpm(row)
    if bpm is not None and not _BPM[0] <= bpm <= _BPM[1]:  # NaN is in no range either
        raise InvalidInput("TEMPO_OUT_OF_RANGE", f"A tempo of {bpm:g} BPM is not between 20 and 400.", bpm=bpm)
    return bpm


def _factor(factor: float) -> float:
    for level in LEVELS:
        if math.isclose(factor, level, rel_tol=_SAME_FACTOR):
            return float(level)
    known = ", ".join(str(level) for level in LEVELS)
    raise InvalidInput(
        "TEMPO_FACTOR_INVALID", f"A tempo can be multiplied by {known}, not by {factor:g}.", factor=factor
    )


def _heard_bpm(row: AnalysisRow) -> float:
    if row.heard is None or row.heard.tempo is None:
        raise NotReady("TEMPO_NOT_HEARD", "No tempo was heard that could be multiplied: say it in BPM.")
    return row.heard.tempo.bpm


def _downbeat(row: AnalysisRow, seconds: float | None) -> float | None:
    length = row.track.duration_seconds
    if seconds is not None and not 0 <= seconds <= length:
        raise InvalidInput(
            "DOWNBEAT_OUT_OF_RANGE",
            f"{seconds:g} s is not within the track, which is {length:.2f} s long.",
            seconds=seconds,
        )
    return seconds


def _key(key: tuple[int, Mode] | None) -> KeyName | None:
    if key is not None and not 0 <= key[0] <= 11:
        raise InvalidInput("KEY_INVALID", f"A tonic is a pitch class, 0 (C) to 11 (B), not {key[0]}.", tonic=key[0])
    return KeyName(*key) if key else None


def _time_signature(signature: tuple[int, int] | None) -> TimeSignature | None:
    if signature is None:
        return None
    numerator, denominator = signature
    if not _NUMERATORS[0] <= numerator <= _NUMERATORS[1] or denominator not in _DENOMINATORS:
        raise InvalidInput(
            "TIME_SIGNATURE_INVALID", f"{numerator}/{denominator} is none; say one like 3/4, 4/4 or 6/8, up to 16/16."
        )
    return TimeSignature(numerator, denominator)
