"""Rows become what the contract shows."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from puremusic.ingest.v1 import ingest_pb2

from chassis.objects import PresignedPost
from services.ingest import messages
from services.ingest.store import Audio, TrackRow
from services.ingest.uploads import PART_BYTES, PartRequest, Upload
from tests.unit import job_rows

MOMENT = datetime(2026, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC)
ROW = TrackRow(
    track_id="t",
    owner_id="o",
    title="Für Elise",
    filename="elise.wav",
    process=True,
    size_bytes=1234,
    declared_sha256="",
    upload_id="",
    upload_completed_at=None,
    bytes_removed=False,
    version=3,
    created_at=MOMENT,
    imported_at=None,
    audio=None,
)
AUDIO = Audio("audio/wav", 44_100, 2, 88_200, 16, "c" * 64, "f" * 64, master_attempt=2, master_bytes=999)
JOB = replace(job_rows.JOB, job_id="t", owner_id="o", pool="jobs.ingest.cpu", created_at=MOMENT)


def test_a_track_whose_bytes_have_not_arrived() -> None:
    track = messages.to_track(ROW, None)
    assert track.status == ingest_pb2.TRACK_STATUS_AWAITING_UPLOAD
    assert (track.track_id, track.user_id, track.title, track.original_filename) == ("t", "o", "Für Elise", "elise.wav")
    assert (track.size_bytes, track.version, track.process) == (1234, 3, True)
    assert track.create_time.ToDatetime(UTC) == MOMENT
    assert not track.HasField("work")
    assert not track.HasField("audio")
    assert not track.HasField("upload_time")


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("pending", ingest_pb2.TRACK_STATUS_CHECKING),
        ("running", ingest_pb2.TRACK_STATUS_CHECKING),
        ("completed", ingest_pb2.TRACK_STATUS_UPLOADED),
        ("failed", ingest_pb2.TRACK_STATUS_FAILED),
        ("cancelled", ingest_pb2.TRACK_STATUS_FAILED),
    ],
)
def test_the_job_says_how_far_the_check_is(state: str, status: "ingest_pb2.TrackStatus.ValueType") -> None:
    track = messages.to_track(replace(ROW, upload_completed_at=MOMENT), replace(JOB, state=state))
    assert track.status == status
    assert track.HasField("work")


def test_an_uploaded_track() -> None:
    row = replace(ROW, upload_completed_at=MOMENT, imported_at=MOMENT, audio=AUDIO)
    track = messages.to_track(row, replace(JOB, state="completed"))
    assert track.mime_type == "audio/wav"
    assert track.upload_time.ToDatetime(UTC) == MOMENT
    assert track.audio == ingest_pb2.Audio(
        duration_seconds=2.0,
        frames=88_200,
        sample_rate=44_100,
        channels=2,
        bit_depth=16,
        content_hash="c" * 64,
        file_hash="f" * 64,
        master_key="ingest/o/t/2/master.flac",
    )


def test_a_failed_track_says_why() -> None:
    job = replace(JOB, state="failed", failure_reason="NOT_AUDIO", failure_message="This is not a song.")
    track = messages.to_track(replace(ROW, upload_completed_at=MOMENT), job)
    assert track.work.failure.reason == "NOT_AUDIO"
    assert track.work.failure.message == "This is not a song."


def test_every_status_has_a_fact() -> None:
    statuses = set(ingest_pb2.TrackStatus.values()) - {ingest_pb2.TRACK_STATUS_UNSPECIFIED}
    assert set(messages.FACTS) == statuses
    assert set(messages.STATUS.values()) <= statuses


def test_an_upload_by_post() -> None:
    shown = messages.to_upload(Upload("t", MOMENT, PresignedPost("http://s3/b", {"key": "k"})))
    assert shown.WhichOneof("method") == "post"
    assert (shown.post.url, dict(shown.post.fields)) == ("http://s3/b", {"key": "k"})
    assert shown.expire_time.ToDatetime(UTC) == MOMENT


def test_an_upload_in_parts() -> None:
    missing = (PartRequest(2, "http://s3/2", PART_BYTES), PartRequest(3, "http://s3/3", 5))
    shown = messages.to_upload(Upload("t", MOMENT, part_count=3, missing=missing))
    assert shown.WhichOneof("method") == "parts"
    assert (shown.parts.part_size, shown.parts.part_count) == (PART_BYTES, 3)
    assert [(part.number, part.url, part.size_bytes) for part in shown.parts.missing] == [
        (2, "http://s3/2", PART_BYTES),
        (3, "http://s3/3", 5),
    ]


def test_an_upload_whose_parts_are_all_there_is_still_one_in_parts() -> None:
    shown = messages.to_upload(Upload("t", MOMENT, part_count=3))
    assert shown.WhichOneof("method") == "parts"
    assert not shown.parts.missing
