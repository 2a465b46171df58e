"""What mir's contract says, its conversions and its policy cover."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from puremusic.ingest.v1 import ingest_pb2
from puremusic.mir.v1 import mir_pb2 as pb

from chassis.identity import READ, WRITE
from chassis.jobs import Job
from services.mir import messages
from services.mir.analyses import Track
from services.mir.ingest_client import to_track
from services.mir.policy import POLICY
from services.mir.store import AnalysisRow, Findings
from tests.unit.job_rows import JOB

NOW = datetime(2026, 1, 2, tzinfo=UTC)


def row(findings: Findings) -> AnalysisRow:
    """An analysis with these findings."""
    return AnalysisRow("analysis", "owner", "track", "ingest/owner/track/1/master.flac", 12.5, 7, findings)


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
    shown = messages.to_analysis(row(Findings()), job(state))

    assert (shown.status, shown.version, shown.duration_seconds) == (status, 7, 12.5)
    assert (shown.analysis_id, shown.user_id, shown.track_id) == ("analysis", "owner", "track")
    assert (shown.work.attempts, shown.work.stage, shown.work.engine_seconds) == (2, "analysing", 1.5)
    assert messages.FACTS[state] == fact
    assert (status in messages.ENDED) is (state not in ("pending", "running"))


def test_what_was_heard_is_shown() -> None:
    heard = Findings(
        tempo_bpm=120.5,
        tempo_confidence=0.75,
        key_name="F# minor",
        key_tonic=6,
        key_mode="minor",
        key_confidence=0.5,
        loudness_lufs=-9.5,
        tuning_cents=-3.25,
    )
    shown = messages.to_analysis(row(heard), job("completed"))

    assert shown.tempo == pb.Tempo(bpm=120.5, confidence=0.75)
    assert shown.key == pb.Key(tonic=6, mode=pb.MODE_MINOR, name="F# minor", confidence=0.5, camelot="11A")
    assert (shown.loudness_lufs, shown.tuning_cents) == (-9.5, -3.25)


def test_what_could_not_be_heard_is_absent_and_what_is_zero_is_not() -> None:
    nothing = messages.to_analysis(row(Findings()), job("completed"))
    in_c = Findings(key_name="C major", key_tonic=0, key_mode="major", key_confidence=0.0, tuning_cents=0.0)
    zeros = messages.to_analysis(row(in_c), job("completed"))

    assert not any(nothing.HasField(name) for name in ("tempo", "key", "loudness_lufs", "tuning_cents"))
    assert zeros.key == pb.Key(tonic=0, mode=pb.MODE_MAJOR, name="C major", camelot="8B")
    assert zeros.HasField("tuning_cents")


def test_a_track_is_known_by_its_master() -> None:
    audio = ingest_pb2.Audio(master_key="ingest/u/t/2/master.flac", duration_seconds=3.5)
    track = ingest_pb2.Track(track_id="t", user_id="u", audio=audio)
    assert to_track(track) == Track("t", "u", "ingest/u/t/2/master.flac", 3.5)


def test_looking_needs_less_than_asking() -> None:
    verbs = {method.rpartition("/")[2]: access for method, access in POLICY.items()}
    assert {verbs[name] for name in ("GetAnalysis", "BatchGetAnalyses", "WatchAnalysis")} == {READ}
    assert {verbs[name] for name in ("CreateAnalysis", "CancelAnalysis")} == {WRITE}
    assert {verbs[name].role for name in ("CollectGarbage", "Republish")} == {"admin"}
