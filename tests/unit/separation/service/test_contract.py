"""What separation's contract says, its policy and its conversions cover."""

from datetime import UTC, datetime

import pytest
from puremusic.operations.v1 import operations_pb2
from puremusic.separation.v1 import separation_pb2 as pb

from chassis.errors import InvalidInput
from chassis.jobs import Job
from services.separation import messages, separations
from services.separation.engine.registry import HTDEMUCS, MODELS
from services.separation.policy import POLICY
from services.separation.store import SeparationRow, StemRow

NOW = datetime(2026, 1, 2, tzinfo=UTC)
ROW = SeparationRow("sep", "owner", "track", "Title", "key", "htdemucs", ["drums", "vocals"], 7, NOW)


def job(state: str) -> Job:
    """A job in this state."""
    return Job(
        job_id="sep",
        owner_id="owner",
        pool="jobs.separation.gpu",
        state=state,
        attempt=2,
        max_attempts=4,
        cancel_requested=False,
        progress=0.5,
        stage="separating",
        eta_seconds=3.0,
        failure_reason="",
        failure_message="",
        device="cpu",
        engine_seconds=1.5,
        bytes_read=10,
        bytes_written=20,
        trace={},
        created_at=NOW,
        started_at=NOW,
        finished_at=None,
    )


def stem(stem_type: str) -> StemRow:
    """A stem of this type."""
    return StemRow(f"id-{stem_type}", "sep", stem_type, f"k/{stem_type}", 88_200, 44_100, 2, 99, "ab", 6.02)


def test_every_method_has_a_policy() -> None:
    services = [
        pb.DESCRIPTOR.services_by_name["SeparationsService"],
        operations_pb2.DESCRIPTOR.services_by_name["OperationsService"],
    ]
    methods = {f"/{service.full_name}/{method.name}" for service in services for method in service.methods}

    assert set(POLICY) == methods
    assert not any(access.public for access in POLICY.values())


@pytest.mark.parametrize(
    ("state", "status", "fact"),
    [
        ("pending", pb.SEPARATION_STATUS_PENDING, "pending"),
        ("running", pb.SEPARATION_STATUS_SEPARATING, "separating"),
        ("completed", pb.SEPARATION_STATUS_COMPLETED, "completed"),
        ("failed", pb.SEPARATION_STATUS_FAILED, "failed"),
        ("cancelled", pb.SEPARATION_STATUS_CANCELLED, "cancelled"),
    ],
)
def test_a_separation_is_shown_as_its_job_stands(state: str, status: int, fact: str) -> None:
    shown = messages.to_separation(ROW, job(state), [])

    assert (shown.status, shown.version, shown.work.attempts) == (status, 7, 2)
    assert list(shown.stem_types) == [pb.STEM_TYPE_DRUMS, pb.STEM_TYPE_VOCALS]
    assert messages.FACTS[state] == fact


def test_a_stem_is_shown_with_its_track() -> None:
    shown = messages.to_stem(ROW, stem("vocals"))

    assert (shown.track_id, shown.model, shown.type) == ("track", "htdemucs", pb.STEM_TYPE_VOCALS)
    assert (shown.duration_seconds, shown.frames, shown.attenuation_db) == (2.0, 88_200, 6.02)


def test_stems_are_shown_in_the_order_of_the_request() -> None:
    assert [each.type for each in separations.ordered(ROW, [stem("vocals"), stem("drums")])] == ["drums", "vocals"]


def test_every_stem_of_every_model_has_a_name_in_the_contract() -> None:
    for card in MODELS.values():
        assert set(card.stems) <= set(messages.STEM_TYPES)
        shown = messages.to_model(card, present=True, is_default=False)
        assert shown.license == card.licence
        assert len(shown.stem_types) == len(card.stems)


def test_every_format_of_the_contract_is_offered() -> None:
    assert set(messages.FORMATS) == set(pb.AudioFormat.values())


def test_an_order_is_in_the_models_order_without_repetition() -> None:
    assert separations.order(HTDEMUCS, ["vocals", "drums", "vocals"]).stem_types == ("drums", "vocals")
    assert separations.order(HTDEMUCS, []).stem_types == HTDEMUCS.stems


def test_an_unknown_stem_is_refused() -> None:
    with pytest.raises(InvalidInput, match="has no stem 'unspecified'") as refused:
        separations.order(HTDEMUCS, [messages.stem_name(pb.STEM_TYPE_UNSPECIFIED)])
    assert refused.value.reason == "UNKNOWN_STEM"
