"""What separation's contract says, its policy and its conversions cover."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from puremusic.operations.v1 import operations_pb2
from puremusic.separation.v1 import separation_pb2 as pb

from chassis.errors import InvalidInput
from chassis.jobs import Job
from services.separation import messages, separations
from services.separation.downloads import Download
from services.separation.engine.choice import Quality
from services.separation.engine.registry import MODELS, ModelCard, card_of
from services.separation.policy import POLICY
from services.separation.segment_store import SegmentRow, SegmentStem
from services.separation.store import RESIDUAL, SeparationRow, StemRow

HTDEMUCS, SIX_STEMS, FINE_TUNED = card_of("htdemucs"), card_of("htdemucs_6s"), card_of("htdemucs_ft")
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
    return StemRow(f"id-{stem_type}", "sep", stem_type, f"k/{stem_type}", 88_200, 44_100, 2, 99, "ab", 6.02, 1)


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
    assert (shown.duration_seconds, shown.frames) == (2.0, 88_200)
    assert (shown.attenuation_db, shown.scale_bits) == (6.02, 1)


def test_a_stem_is_shown_with_the_model_that_made_it() -> None:
    mixed = replace(ROW, stem_models={"vocals": "htdemucs_ft"})
    shown = messages.to_separation(mixed, job("completed"), [stem("drums"), stem("vocals"), stem(RESIDUAL)])

    assert [each.model for each in shown.stems] == ["htdemucs", "htdemucs_ft"]
    assert [(chosen.type, chosen.model) for chosen in shown.stem_models] == [(pb.STEM_TYPE_VOCALS, "htdemucs_ft")]
    assert (shown.residual.type, shown.residual.model) == (pb.STEM_TYPE_RESIDUAL, "htdemucs")


@pytest.mark.parametrize("depth", [None, 31.5])
def test_what_the_null_test_found_is_shown(depth: float | None) -> None:
    proven = replace(ROW, null_exact=True, null_depth_db=depth)
    shown = messages.to_separation(proven, job("completed"), [stem("vocals")])

    assert shown.null_test.exact
    assert (shown.null_test.depth_db if shown.null_test.HasField("depth_db") else None) == depth
    assert not messages.to_separation(ROW, job("completed"), [stem("vocals")]).HasField("null_test")


@pytest.mark.parametrize(
    ("state", "frames", "rate", "stems", "seconds"),
    [
        ("pending", 0, 44_100, [], 0.0),
        ("running", 66_150, 44_100, [], 1.5),
        ("running", 66_150, 0, [], 0.0),
        ("completed", 66_150, 44_100, [stem("vocals")], 2.0),
        ("cancelled", 66_150, 44_100, [], 0.0),
    ],
)
def test_it_is_shown_how_much_can_be_played(
    state: str, frames: int, rate: int, stems: Sequence[StemRow], seconds: float
) -> None:
    row = replace(ROW, playable_frames=frames, sample_rate=rate)

    assert messages.to_separation(row, job(state), stems).playable_seconds == seconds


def test_a_segment_is_shown_with_an_address_for_every_stem() -> None:
    piece = SegmentStem("bass", "k", 2, 99, "ab")
    segment = SegmentRow("sep", 100, 50, 1, "recipe", [piece])
    shown = messages.to_segment(segment, [(piece, Download("https://x", NOW, "name", 99))])

    assert (shown.first_frame, shown.frames) == (100, 50)
    assert shown.stems[0] == pb.SegmentStem(type=pb.STEM_TYPE_BASS, url="https://x", scale_bits=2, size_bytes=99)


def test_stems_are_shown_in_the_order_of_the_request() -> None:
    stems = [stem(RESIDUAL), stem("vocals"), stem("drums")]

    assert [each.type for each in separations.ordered(ROW, stems)] == ["drums", "vocals", RESIDUAL]


def test_every_stem_of_every_model_has_a_name_in_the_contract() -> None:
    for card in MODELS.values():
        assert set(card.stems) <= set(messages.STEM_TYPES)
        shown = messages.to_model(card, present=True, is_default=False, qualities=[Quality.BEST])
        assert shown.license == card.licence
        assert len(shown.stem_types) == len(card.stems)
        assert (shown.verified, shown.relative_cost) == (card.verified, card.relative_cost)
        assert shown.sdr_db == (card.sdr_db or 0.0)
        assert list(shown.qualities) == [pb.QUALITY_BEST]


def test_every_format_of_the_contract_is_offered() -> None:
    assert set(messages.FORMATS) == set(pb.AudioFormat.values())


def test_every_quality_of_the_contract_chooses() -> None:
    assert {*messages.QUALITY_NAMES, pb.QUALITY_UNSPECIFIED} == set(pb.Quality.values())
    assert set(messages.QUALITIES) == set(Quality)


@pytest.mark.parametrize(
    ("stems", "chosen", "expected", "others"),
    [
        ([], {}, HTDEMUCS.stems, {}),
        (["vocals", "drums", "vocals"], {}, ("drums", "vocals"), {}),
        ([], {"vocals": FINE_TUNED}, HTDEMUCS.stems, {"vocals": "htdemucs_ft"}),
        (["drums"], {"vocals": FINE_TUNED}, ("drums", "vocals"), {"vocals": "htdemucs_ft"}),
        (["vocals"], {"vocals": HTDEMUCS}, ("vocals",), {}),
        (
            ["guitar", "bass"],
            {"piano": SIX_STEMS, "guitar": SIX_STEMS},
            ("bass", "guitar", "piano"),
            {"guitar": "htdemucs_6s", "piano": "htdemucs_6s"},
        ),
    ],
)
def test_an_order_is_in_the_models_order_without_repetition(
    stems: list[str], chosen: dict[str, ModelCard], expected: tuple[str, ...], others: dict[str, str]
) -> None:
    order = separations.order(HTDEMUCS, stems, chosen)

    assert (order.model, order.stem_types, order.stem_models) == ("htdemucs", expected, others)


def test_only_models_that_make_something_are_needed() -> None:
    assert separations.order(HTDEMUCS, ["vocals"], {"vocals": FINE_TUNED}).models == {"htdemucs_ft"}
    assert separations.order(HTDEMUCS, [], {"vocals": FINE_TUNED}).models == {"htdemucs", "htdemucs_ft"}


@pytest.mark.parametrize("unknown", [pb.STEM_TYPE_UNSPECIFIED, pb.STEM_TYPE_GUITAR, pb.STEM_TYPE_RESIDUAL])
def test_a_stem_that_the_model_has_not_is_refused(unknown: pb.StemType.ValueType) -> None:
    name = messages.stem_name(unknown)
    for stems, chosen in (([name], {}), ([], {name: FINE_TUNED})):
        with pytest.raises(InvalidInput, match=f"has no stem '{name}'") as refused:
            separations.order(HTDEMUCS, stems, chosen)
        assert refused.value.reason == "UNKNOWN_STEM"
