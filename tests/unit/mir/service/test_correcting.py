"""What a person may say, and what they hear when it can't be."""

import pytest

from chassis.errors import DomainError
from services.mir.analysis.corrections import Corrections, TimeSignature
from services.mir.analysis.findings import Analysis, KeyName, Tempo
from services.mir.correcting import FIELDS, Said, check_fields, merged
from services.mir.store import AnalysisRow, Track

NAN = float("nan")
TRACK = Track("track", "owner", "key", 10.0)
BEFORE = Corrections(90, 1.0, KeyName(2, "minor"), TimeSignature(3, 4))


def row(bpm: float | None = 70) -> AnalysisRow:
    """A track whose tempo was heard, and about which everything is said already."""
    heard = Analysis(10.0, tempo=Tempo(bpm, 0.5)) if bpm else None
    return AnalysisRow("analysis", TRACK, heard=heard, corrections=BEFORE)


@pytest.mark.parametrize(
    ("said", "field", "expected"),
    [
        (Said(bpm=128.5), "tempo", {"tempo_bpm": 128.5}),
        (Said(factor=2), "tempo", {"tempo_bpm": 140}),
        (Said(factor=0.5), "tempo", {"tempo_bpm": 35}),
        (Said(factor=0.667), "tempo", {"tempo_bpm": pytest.approx(140 / 3)}),
        (Said(downbeat_seconds=0.0), "downbeat_seconds", {"downbeat_seconds": 0.0}),
        (Said(downbeat_seconds=10.0), "downbeat_seconds", {"downbeat_seconds": 10.0}),
        (Said(key=(11, "major")), "key", {"key": KeyName(11, "major")}),
        (Said(time_signature=(6, 8)), "time_signature", {"time_signature": TimeSignature(6, 8)}),
        (Said(), "tempo", {"tempo_bpm": None}),
        (Said(), "downbeat_seconds", {"downbeat_seconds": None}),
        (Said(), "key", {"key": None}),
        (Said(), "time_signature", {"time_signature": None}),
    ],
)
def test_only_what_the_mask_names_changes(said: Said, field: str, expected: dict[str, object]) -> None:
    assert vars(merged(row(), [field], said)) == {**vars(BEFORE), **expected}


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (Said(bpm=19.9), "TEMPO_OUT_OF_RANGE"),
        (Said(bpm=400.1), "TEMPO_OUT_OF_RANGE"),
        (Said(bpm=NAN), "TEMPO_OUT_OF_RANGE"),
        (Said(factor=1.1), "TEMPO_FACTOR_INVALID"),
        (Said(factor=-2), "TEMPO_FACTOR_INVALID"),
        (Said(factor=0), "TEMPO_FACTOR_INVALID"),
        (Said(factor=NAN), "TEMPO_FACTOR_INVALID"),
        (Said(factor=0.25), "TEMPO_OUT_OF_RANGE"),
        (Said(downbeat_seconds=-0.1), "DOWNBEAT_OUT_OF_RANGE"),
        (Said(downbeat_seconds=10.1), "DOWNBEAT_OUT_OF_RANGE"),
        (Said(downbeat_seconds=NAN), "DOWNBEAT_OUT_OF_RANGE"),
        (Said(key=(12, "major")), "KEY_INVALID"),
        (Said(key=(-1, "minor")), "KEY_INVALID"),
        (Said(time_signature=(0, 4)), "TIME_SIGNATURE_INVALID"),
        (Said(time_signature=(17, 4)), "TIME_SIGNATURE_INVALID"),
        (Said(time_signature=(4, 3)), "TIME_SIGNATURE_INVALID"),
    ],
)
def test_a_bad_value_is_refused_with_its_reason(said: Said, reason: str) -> None:
    with pytest.raises(DomainError) as refused:
        merged(row(), FIELDS, said)
    assert refused.value.reason == reason


def test_a_multiple_needs_a_tempo_that_was_heard() -> None:
    with pytest.raises(DomainError) as refused:
        merged(row(bpm=None), ["tempo"], Said(factor=2))
    assert refused.value.reason == "TEMPO_NOT_HEARD"
    assert merged(row(bpm=None), ["tempo"], Said(bpm=99)).tempo_bpm == 99


@pytest.mark.parametrize("paths", [[], ["bpm"], ["tempo", "loudness"], ["tempo.bpm"]])
def test_a_mask_names_what_can_be_corrected(paths: list[str]) -> None:
    with pytest.raises(DomainError) as refused:
        check_fields(paths)
    assert refused.value.reason == "UPDATE_MASK_INVALID"
