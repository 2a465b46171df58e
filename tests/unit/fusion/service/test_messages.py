"""What fusion's contract says, its conversions and its policy cover."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from puremusic.fusion.v1 import fusion_pb2 as pb
from puremusic.separation.v1 import separation_pb2

from chassis.identity import READ, WRITE
from chassis.jobs import Job
from services.fusion import formats, messages, separation_client
from services.fusion.mixing.rendering import Format
from services.fusion.policy import POLICY
from services.fusion.store import FusionRow, RenderedFile, Result, Selection
from tests.unit.job_rows import JOB

NOW = datetime(2026, 1, 2, tzinfo=UTC)
FILES = (RenderedFile("wav", 100, "aa"), RenderedFile("flac", 60, "bb"), RenderedFile("mp3", 20, "cc"))


def row(result: Result | None = None, stars: int | None = None) -> FusionRow:
    """A fusion, finished or not, rated or not."""
    stem = Selection("stem", "track", "vocals", "separation/owner/s/1/vocals.flac", -3.0, 0.5, mute=True)
    return FusionRow("fusion", "owner", "Title", (stem,), "parent", 2, 7, result, None, stars, "Good.", NOW)


def job(state: str) -> Job:
    """The fusion's job in this state."""
    return replace(
        JOB,
        job_id="fusion",
        pool="jobs.fusion.cpu",
        state=state,
        attempt=1,
        progress=0.5,
        stage="mixing",
        failure_reason="STEM_GONE" if state == "failed" else "",
        failure_message="A stem is gone." if state == "failed" else "",
        device="cpu",
        engine_seconds=1.5,
        bytes_read=10,
        bytes_written=20,
        created_at=NOW,
        started_at=NOW,
    )


@pytest.mark.parametrize(
    ("state", "status", "fact"),
    [
        ("pending", pb.FUSION_STATUS_PENDING, "pending"),
        ("running", pb.FUSION_STATUS_FUSING, "fusing"),
        ("completed", pb.FUSION_STATUS_COMPLETED, "completed"),
        ("failed", pb.FUSION_STATUS_FAILED, "failed"),
        ("cancelled", pb.FUSION_STATUS_CANCELLED, "cancelled"),
    ],
)
def test_a_fusion_is_shown_as_its_job_stands(state: str, status: int, fact: str) -> None:
    shown = messages.to_fusion(row(), job(state))

    assert (shown.status, shown.version, shown.revision) == (status, 7, 2)
    assert (shown.fusion_id, shown.user_id, shown.parent_fusion_id) == ("fusion", "owner", "parent")
    assert messages.FACTS[state] == fact
    assert (status in messages.ENDED) is (state not in ("pending", "running"))
    assert shown.work.HasField("failure") is (state == "failed")
    assert not shown.HasField("result")
    assert not shown.HasField("rating")


def test_stems_are_shown_without_where_they_lie() -> None:
    (stem,) = messages.to_fusion(row(), job("pending")).stems
    assert stem == pb.SelectedStem(stem_id="stem", track_id="track", type="vocals", gain_db=-3, pan=0.5, mute=True)


def test_a_result_is_shown_with_its_files() -> None:
    result = Result(2.0, 88_200, 44_100, -14.0, -1.5, 3.25, FILES)
    shown = messages.to_fusion(row(result, stars=4), job("completed"))

    assert (shown.result.duration_seconds, shown.result.frames, shown.result.applied_gain_db) == (2.0, 88_200, 3.25)
    assert (shown.result.loudness_lufs, shown.result.true_peak_dbtp) == (-14.0, -1.5)
    assert [(file.format, file.size_bytes, file.sha256) for file in shown.result.files] == [
        (pb.FUSION_FORMAT_WAV, 100, "aa"),
        (pb.FUSION_FORMAT_FLAC, 60, "bb"),
        (pb.FUSION_FORMAT_MP3, 20, "cc"),
    ]
    assert shown.rating == pb.Rating(stars=4, comment="Good.")


def test_what_was_asked_and_decided_is_shown_with_it() -> None:
    request = pb.CreateFusionRequest(
        stems=[pb.SelectedStem(stem_id="stem", speed=1.5, effects=pb.Effects(preset="hall"))],
        match=pb.Match(mode=pb.MATCH_MODE_TEMPO, bpm=120.25),
        preview=pb.Preview(start_seconds=3),
        balance=True,
    )
    plan = pb.Plan(rank=1, tempo_bpm=120.25, cost=pb.Cost(total=1.5))
    planned = replace(row(), asked=messages.to_document(request), plan=messages.to_document(plan), preview=True)
    shown = messages.to_fusion(planned, job("pending"))

    assert (shown.stems, shown.match, shown.preview) == (request.stems, request.match, request.preview)
    assert shown.plan == plan
    assert not messages.to_fusion(planned, job("pending"), planned=False).HasField("plan")
    assert shown.balance
    assert not shown.HasField("output")


def test_silence_has_no_loudness() -> None:
    shown = messages.to_fusion(row(Result(2.0, 88_200, 44_100, None, None, 0.0, FILES)), job("completed"))
    assert not shown.result.HasField("loudness_lufs")
    assert not shown.result.HasField("true_peak_dbtp")


def test_every_format_of_the_contract_is_rendered_and_served() -> None:
    assert set(formats.BY_NUMBER) == set(pb.FusionFormat.values()) - {pb.FUSION_FORMAT_UNSPECIFIED}
    assert set(formats.FORMATS) == {kind.value for kind in Format} | {formats.STEMS_ZIP, formats.STEM_MP4}
    assert all(formats.FORMATS[kind.value].content_type == kind.content_type for kind in Format)
    assert all(formats.object_name(kind.value) == f"fusion.{kind.value}" for kind in Format)


def test_every_stem_type_of_the_contract_has_a_name() -> None:
    known = set(separation_pb2.StemType.values()) - {separation_pb2.STEM_TYPE_UNSPECIFIED}
    assert set(separation_client.TYPES) == known


def test_looking_needs_less_than_asking() -> None:
    verbs = {method.rpartition("/")[2]: access for method, access in POLICY.items()}
    looking = ("GetFusion", "ListFusions", "WatchFusion", "GetDownloadUrl", "GetReceipt", "SuggestFusion")
    assert {verbs[name] for name in (*looking, "GetCompatibility", "RankTracks")} == {READ}
    assert {
        verbs[name]
        for name in (
            "CreateFusionFromReceipt",
            "CreateFusion",
            "UpdateFusion",
            "CancelFusion",
            "DeleteFusion",
            "RateFusion",
        )
    } == {WRITE}
    assert {verbs[name].role for name in ("CollectGarbage", "Republish")} == {"admin"}
