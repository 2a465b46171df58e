"""Findings and corrections as documents: nothing is lost, and documents of other programs can be read."""

import json

import pytest

from services.mir import documents
from services.mir.analysis.corrections import NO_CORRECTIONS, Corrections, TimeSignature
from services.mir.analysis.findings import Analysis, Chord, Key, KeyName, Tempo
from services.mir.documents import StemFile
from tests.unit.mir.service.test_messages import EVERYTHING


@pytest.mark.parametrize(
    "heard", [EVERYTHING, Analysis(0.0), Analysis(3.0, provisional=True, key=Key(KeyName(4, "minor"), 1.0, None))]
)
def test_findings_come_back_as_they_were(heard: Analysis) -> None:
    assert documents.to_findings(json.loads(documents.to_json(heard))) == heard


@pytest.mark.parametrize("said", [NO_CORRECTIONS, Corrections(120, 0.5, KeyName(11, "major"), TimeSignature(6, 8))])
def test_corrections_come_back_as_they_were(said: Corrections) -> None:
    assert documents.to_corrections(json.loads(documents.to_json(said))) == said


def test_stems_come_back_as_they_were() -> None:
    stems = {"drums": StemFile("separation/u/s/1/drums.flac", 1), "bass": StemFile("separation/u/s/1/bass.flac")}
    assert documents.to_stems(json.loads(documents.stems_to_json(stems))) == stems


def test_a_document_that_knows_less_or_more_is_read() -> None:
    older = {"seconds": 2.5, "tempo": {"bpm": 100, "confidence": 0.5}, "of_a_later_program": [1]}
    assert documents.to_findings(older) == Analysis(2.5, tempo=Tempo(100, 0.5))


def test_what_is_no_number_is_no_finding() -> None:
    with pytest.raises(ValueError, match="JSON"):
        documents.to_json(Analysis(1.0, chords=(Chord(0.0, float("nan"), 0, "major", 1.0),)))
