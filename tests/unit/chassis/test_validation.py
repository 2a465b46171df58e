"""What the contract says about requests holds for every RPC."""

import pytest
from puremusic.auth.v1 import auth_pb2
from puremusic.fusion.v1 import fusion_pb2
from puremusic.ingest.v1 import ingest_pb2
from puremusic.separation.v1 import separation_pb2

from chassis import validation
from chassis.errors import InvalidInput


def test_a_complete_request_passes() -> None:
    validation.check(auth_pb2.LoginRequest(email="a@b.example", password="x"))


def test_a_missing_field_is_named() -> None:
    with pytest.raises(InvalidInput) as caught:
        validation.check(auth_pb2.LoginRequest(email="a@b.example"))
    assert caught.value.reason == "FIELD_REQUIRED"
    assert caught.value.metadata == {"field": "password"}


def test_an_empty_list_counts_as_missing() -> None:
    with pytest.raises(InvalidInput, match="stems"):
        validation.check(fusion_pb2.CreateFusionRequest(title="x"))


def test_a_missing_message_is_named() -> None:
    with pytest.raises(InvalidInput, match="track"):
        validation.check(ingest_pb2.UpdateTrackRequest())


def test_an_unknown_enum_value_is_refused_in_lists_too() -> None:
    request = separation_pb2.CreateSeparationRequest(track_id="t")
    request.stem_types.append(99)  # type: ignore[arg-type]  # what an open enum lets through
    with pytest.raises(InvalidInput) as caught:
        validation.check(request)
    assert caught.value.reason == "UNKNOWN_ENUM_VALUE"
    assert "STEM_TYPE_VOCALS" in caught.value.message


def test_an_endless_string_is_refused() -> None:
    with pytest.raises(InvalidInput, match="too long"):
        validation.check(auth_pb2.LoginRequest(email="a" * 30_000, password="x"))


def test_zero_and_false_are_values_for_their_service_to_judge() -> None:
    validation.check(ingest_pb2.CreateTrackRequest(filename="a.wav", size_bytes=0, rights_confirmed=False))


def test_an_update_mask_names_what_can_be_changed() -> None:
    validation.check_mask(["title"], {"title", "cover"})


@pytest.mark.parametrize(("paths", "named"), [([], "nothing"), (["title", "status"], "names status;")])
def test_an_update_mask_that_names_anything_else_is_refused(paths: list[str], named: str) -> None:
    with pytest.raises(InvalidInput, match=named) as caught:
        validation.check_mask(paths, {"title"})
    assert caught.value.reason == "UPDATE_MASK_INVALID"
