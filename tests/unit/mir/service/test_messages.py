"""What mir's contract says, its conversions and its policy cover."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import get_args

import pytest
from puremusic.ingest.v1 import ingest_pb2
from puremusic.mir.v1 import mir_pb2 as pb

from chassis.identity import READ, WRITE
from chassis.jobs import Job
from services.mir import messages
from services.mir.analysis.corrections import Corrections, TimeSignature
from services.mir.analysis.findings import (
    Analysis,
    Beats,
    Character,
    Chord,
    Finding,
    Grid,
    Key,
    KeyName,
    KeySection,
    Loudness,
    Metre,
    Passage,
    Quality,
    Reason,
    Section,
    Silence,
    Span,
    StemFindings,
    Tempo,
    TempoCandidate,
    TempoPoint,
)
from services.mir.correcting import Said
from services.mir.findings_messages import chord_name, to_said
from services.mir.ingest_client import to_track
from services.mir.policy import POLICY
from services.mir.store import AnalysisRow, Track
from tests.unit.job_rows import JOB

NOW = datetime(2026, 1, 2, tzinfo=UTC)


def row(heard: Analysis | None) -> AnalysisRow:
    """An analysis with these findings."""
    track = Track("track", "owner", "ingest/owner/track/1/master.flac", 12.5)
    return AnalysisRow("analysis", track, 7, heard, files={"spectrogram.png": 30, "features.json": 12})


def job(state: str) -> Job:
    """The analysis' job in this state."""
    return replace(
        JOB,
        job_id="analysis",
        pool="jobs.mir.cpu",
        state=state,
        attempt=2,
        progress=0.5,
        stage="analysing",
        device="cpu",
        engine_seconds=1.5,
        bytes_read=10,
        created_at=NOW,
        started_at=NOW,
    )


@pytest.mark.parametrize(
    ("state", "status", "fact"),
    [
        ("pending", pb.ANALYSIS_STATUS_PENDING, "pending"),
        ("running", pb.ANALYSIS_STATUS_ANALYSING, "analysing"),
        ("completed", pb.ANALYSIS_STATUS_COMPLETED, "completed"),
        ("failed", pb.ANALYSIS_STATUS_FAILED, "failed"),
        ("cancelled", pb.ANALYSIS_STATUS_CANCELLED, "cancelled"),
    ],
)
def test_an_analysis_is_shown_as_its_job_stands(state: str, status: int, fact: str) -> None:
    shown = messages.to_analysis(row(None), job(state))

    assert (shown.status, shown.version, shown.duration_seconds) == (status, 7, 12.5)
    assert shown.stored_bytes == 42
    assert (shown.analysis_id, shown.user_id, shown.track_id) == ("analysis", "owner", "track")
    assert (shown.work.attempts, shown.work.stage, shown.work.engine_seconds) == (2, "analysing", 1.5)
    assert messages.FACTS[state] == fact
    assert (status in messages.ENDED) is (state not in ("pending", "running"))


@pytest.mark.parametrize("provisional", [True, False])
def test_first_findings_are_told_apart_from_the_whole(provisional: bool) -> None:
    heard = Analysis(12.5, provisional=provisional, tempo=Tempo(120.5, 0.75))
    said = replace(row(heard), corrections=Corrections(tempo_bpm=241.0))
    shown = messages.to_analysis(said, job("running"))

    assert (shown.provisional, shown.tempo.bpm) == (provisional, 241.0)


EVERYTHING = Analysis(
    seconds=12.5,
    source="stems",
    tempo=Tempo(120.5, 0.75, (TempoCandidate(120.5, 0.8),), False, (TempoPoint(0.0, 119.0),), Grid(0.25, 120.5)),
    beats=Beats((0.25, 0.75), (1, 2), 0.9, 0.8),
    metre=Metre(6, 8, 0.7),
    key=Key(KeyName(6, "minor"), 0.5, KeyName(9, "major"), 0.25),
    key_sections=(KeySection(0.0, 12.5, KeyName(6, "minor"), 0.5),),
    tuning_cents=-3.25,
    chords=(Chord(0.0, 2.0, 6, "minor_seventh", 0.9), Chord(2.0, 12.5, None, "none", 0.6)),
    sections=(Section(0.0, 12.5, "A", 6, 0.75),),
    loudness=Loudness(-9.5, 6.0, -0.3),
    silence=Silence(0.1, 0.2),
    character=Character(0.1, 0.2, 0.3, 4.0),
    passages=(Passage(0.25, 2.25, 1.0, 0.9, 0.8, 0.7),),
    stems=(StemFindings("drums", Loudness(-12.0), (Span(0.0, 4.0),)),),
    absences={"grid": "tempo_varies"},
)


def test_what_was_heard_is_shown() -> None:
    shown = messages.to_analysis(row(EVERYTHING), job("completed"), full=True)

    assert shown.source == pb.ANALYSIS_SOURCE_STEMS
    assert (shown.tempo.bpm, shown.tempo.confidence, shown.tempo.steady) == (120.5, 0.75, False)
    assert shown.tempo.candidates == [pb.TempoCandidate(bpm=120.5, share=0.8)]
    assert shown.tempo.curve == [pb.TempoPoint(seconds=0.0, bpm=119.0)]
    assert shown.tempo.grid == pb.Grid(offset_seconds=0.25, bpm=120.5)
    assert shown.beats == pb.Beats(seconds=[0.25, 0.75], positions=[1, 2], confidence=0.9, downbeat_confidence=0.8)
    assert shown.time_signature == pb.TimeSignature(numerator=6, denominator=8, confidence=0.7)
    f_sharp = pb.Key(tonic=6, mode=pb.MODE_MINOR, name="F# minor", confidence=0.5, camelot="11A")
    assert shown.key_sections == [pb.KeySection(start_seconds=0.0, end_seconds=12.5, key=f_sharp)]
    a_major = pb.Key(tonic=9, mode=pb.MODE_MAJOR, name="A major", confidence=0.25, camelot="11B")
    f_sharp.runner_up.CopyFrom(a_major)
    assert shown.key == f_sharp
    assert [(chord.name, chord.quality, chord.HasField("root")) for chord in shown.chords] == [
        ("F#m7", pb.CHORD_QUALITY_MINOR_SEVENTH, True),
        ("N", pb.CHORD_QUALITY_NONE, False),
    ]
    assert shown.sections == [pb.Section(start_seconds=0.0, end_seconds=12.5, label="A", bars=6, confidence=0.75)]
    assert (shown.loudness_lufs, shown.tuning_cents) == (-9.5, -3.25)
    assert shown.loudness == pb.Loudness(integrated_lufs=-9.5, range_lu=6.0, true_peak_dbtp=-0.3)
    assert shown.silence == pb.Silence(head_seconds=0.1, tail_seconds=0.2)
    assert shown.character == pb.Character(energy=0.1, brightness=0.2, danceability=0.3, onset_density=4.0)
    assert [(passage.start_seconds, passage.spectral_complexity) for passage in shown.passages] == [(0.25, 0.7)]
    assert shown.stems[0].active == [pb.Span(start_seconds=0.0, end_seconds=4.0)]
    assert shown.stems[0].loudness == pb.Loudness(integrated_lufs=-12.0)
    assert shown.absences == [pb.Absence(finding=pb.FINDING_GRID, reason=pb.ABSENCE_REASON_TEMPO_VARIES)]


def test_the_basic_view_is_the_same_without_time_lines() -> None:
    full, basic = (messages.to_analysis(row(EVERYTHING), job("completed"), full=full) for full in (True, False))
    for field in (full.key_sections, full.chords, full.sections, full.passages):
        del field[:]
    full.ClearField("beats")
    full.tempo.ClearField("curve")
    full.stems[0].ClearField("active")

    assert basic == full


def test_a_person_s_word_is_shown_and_applied() -> None:
    said = Corrections(60.25, 0.75, KeyName(0, "major"), TimeSignature(3, 4))
    shown = messages.to_analysis(replace(row(EVERYTHING), corrections=said), job("completed"), full=True)

    assert (shown.tempo.bpm, shown.tempo.confidence) == (60.25, 1)
    assert (shown.key.name, shown.key.camelot, shown.key.HasField("runner_up")) == ("C major", "8B", False)
    assert shown.time_signature == pb.TimeSignature(numerator=3, denominator=4, confidence=1)
    assert to_said(shown.corrections) == Said(60.25, None, 0.75, (0, "major"), (3, 4))


def test_beside_a_person_s_word_stays_what_was_heard() -> None:
    heard = messages.to_analysis(row(EVERYTHING), job("completed"))
    assert not heard.HasField("heard")

    corrected = replace(row(EVERYTHING), corrections=Corrections(60.25, key=KeyName(0, "major")))
    shown = messages.to_analysis(corrected, job("completed"), full=True)
    assert shown.heard == pb.Heard(tempo=heard.tempo, key=heard.key, time_signature=heard.time_signature)


def test_what_is_said_before_anything_was_heard_is_kept_for_then() -> None:
    shown = messages.to_analysis(replace(row(None), corrections=Corrections(tempo_bpm=90)), job("pending"))
    assert shown.corrections == pb.Corrections(tempo=pb.TempoCorrection(bpm=90))
    assert not shown.HasField("tempo")
    assert not shown.HasField("heard")
    assert shown.source == pb.ANALYSIS_SOURCE_UNSPECIFIED


def test_what_could_not_be_heard_is_absent_and_what_is_zero_is_not() -> None:
    nothing = messages.to_analysis(row(Analysis(12.5)), job("completed"))
    in_c = Analysis(12.5, key=Key(KeyName(0, "major"), 0.0, None), tuning_cents=0.0)
    zeros = messages.to_analysis(row(in_c), job("completed"))

    assert not any(nothing.HasField(name) for name in ("tempo", "key", "loudness_lufs", "tuning_cents", "character"))
    assert zeros.key == pb.Key(tonic=0, mode=pb.MODE_MAJOR, name="C major", camelot="8B")
    assert zeros.HasField("tuning_cents")


@pytest.mark.parametrize("finding", get_args(Finding))
@pytest.mark.parametrize("reason", get_args(Reason))
def test_every_absence_has_its_name_in_the_contract(finding: Finding, reason: Reason) -> None:
    shown = messages.to_analysis(row(Analysis(1.0, absences={finding: reason})), job("completed"))
    ((_, named), (_, why)) = shown.absences[0].ListFields()
    assert named
    assert pb.AbsenceReason.Name(why) == f"ABSENCE_REASON_{reason.upper()}"


@pytest.mark.parametrize(
    ("root", "quality", "name"),
    [
        (0, "major", "C"),
        (1, "minor", "C#m"),
        (10, "dominant_seventh", "Bb7"),
        (3, "major_seventh", "Ebmaj7"),
        (11, "diminished", "Bdim"),
        (None, "none", "N"),
    ],
)
def test_chords_are_named_as_charts_name_them(root: int | None, quality: Quality, name: str) -> None:
    assert chord_name(root, quality) == name


def test_a_track_is_known_by_its_master() -> None:
    audio = ingest_pb2.Audio(master_key="ingest/u/t/2/master.flac", duration_seconds=3.5)
    track = ingest_pb2.Track(track_id="t", user_id="u", audio=audio)
    assert to_track(track) == Track("t", "u", "ingest/u/t/2/master.flac", 3.5)


def test_looking_needs_less_than_asking() -> None:
    verbs = {method.rpartition("/")[2]: access for method, access in POLICY.items()}
    assert {verbs[name] for name in ("GetAnalysis", "BatchGetAnalyses", "WatchAnalysis", "ListAnalysisFiles")} == {READ}
    assert {verbs[name] for name in ("CreateAnalysis", "CancelAnalysis", "UpdateAnalysis")} == {WRITE}
    assert {verbs[name].role for name in ("CollectGarbage", "Republish")} == {"admin"}
