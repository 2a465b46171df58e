"""What may be asked for: models, qualities, single stems by other models; and what is refused, and why."""

from collections.abc import Sequence

import pytest
from puremusic.separation.v1 import separation_pb2 as pb

from tests.integration.separation.running import Separation, User, silence

VOCALS, DRUMS, GUITAR, PIANO = pb.STEM_TYPE_VOCALS, pb.STEM_TYPE_DRUMS, pb.STEM_TYPE_GUITAR, pb.STEM_TYPE_PIANO


@pytest.fixture(scope="module")
def user(light: Separation) -> User:
    return light.user()


@pytest.fixture(scope="module")
def track_id(user: User) -> str:
    return user.track(silence(), 22_050)


def by(stem: pb.StemType.ValueType, model: str) -> pb.StemModel:
    """The choice of a model for a stem."""
    return pb.StemModel(type=stem, model=model)


@pytest.mark.parametrize(
    ("quality", "stems", "model"),
    [
        (pb.QUALITY_DRAFT, [], "hdemucs_mmi"),
        (pb.QUALITY_STANDARD, [], "htdemucs_6s"),
        (pb.QUALITY_BEST, [], "hdemucs_mmi"),
        (pb.QUALITY_BEST, [GUITAR], "htdemucs_6s"),
        (pb.QUALITY_UNSPECIFIED, [], "htdemucs_6s"),
    ],
)
def test_a_quality_chooses_among_the_models_that_are_there(
    user: User, track_id: str, quality: pb.Quality.ValueType, stems: Sequence[pb.StemType.ValueType], model: str
) -> None:
    request = pb.CreateSeparationRequest(track_id=track_id, quality=quality, stem_types=stems)

    assert user.call("CreateSeparation", request).model == model


def test_models_say_which_qualities_choose_them(user: User) -> None:
    models = {model.name: model for model in user.call("ListModels", pb.ListModelsRequest()).models}

    assert {name for name, model in models.items() if model.present} == {"htdemucs_6s", "hdemucs_mmi"}
    assert list(models["hdemucs_mmi"].qualities) == [pb.QUALITY_DRAFT, pb.QUALITY_BEST]
    assert list(models["htdemucs_6s"].qualities) == [pb.QUALITY_STANDARD]
    assert [name for name, model in models.items() if model.verified] == ["htdemucs"]
    assert [name for name, model in models.items() if model.is_default] == ["htdemucs_6s"]
    assert all("personal and research use only" in model.license for model in models.values())
    assert {GUITAR, PIANO} <= set(models["htdemucs_6s"].stem_types)


def test_single_stems_are_made_by_other_models(user: User, track_id: str) -> None:
    request = pb.CreateSeparationRequest(
        track_id=track_id, stem_types=[DRUMS, GUITAR], stem_models=[by(VOCALS, "hdemucs_mmi"), by(DRUMS, "hdemucs_mmi")]
    )
    made = user.call("CreateSeparation", request)

    assert made.model == "htdemucs_6s"
    assert list(made.stem_types) == [DRUMS, VOCALS, GUITAR]
    assert {chosen.type: chosen.model for chosen in made.stem_models} == {DRUMS: "hdemucs_mmi", VOCALS: "hdemucs_mmi"}
    assert user.call("CreateSeparation", request).separation_id == made.separation_id


def test_other_models_for_a_stem_are_another_separation(user: User, track_id: str) -> None:
    plain = pb.CreateSeparationRequest(track_id=track_id, stem_types=[VOCALS])
    same = pb.CreateSeparationRequest(track_id=track_id, stem_models=[by(VOCALS, "htdemucs_6s")], stem_types=[VOCALS])
    other = pb.CreateSeparationRequest(track_id=track_id, stem_models=[by(VOCALS, "hdemucs_mmi")], stem_types=[VOCALS])
    made = [user.call("CreateSeparation", request).separation_id for request in (plain, same, other)]

    assert made[0] == made[1] != made[2]


@pytest.mark.parametrize(
    ("request_", "code", "reason"),
    [
        (
            pb.CreateSeparationRequest(model="hdemucs_mmi", quality=pb.QUALITY_BEST),
            "INVALID_ARGUMENT",
            "MODEL_AND_QUALITY",
        ),
        (pb.CreateSeparationRequest(model="spleeter"), "INVALID_ARGUMENT", "UNKNOWN_MODEL"),
        (pb.CreateSeparationRequest(stem_models=[by(VOCALS, "spleeter")]), "INVALID_ARGUMENT", "UNKNOWN_MODEL"),
        (pb.CreateSeparationRequest(stem_models=[by(VOCALS, "")]), "INVALID_ARGUMENT", "FIELD_REQUIRED"),
        (
            pb.CreateSeparationRequest(stem_models=[by(VOCALS, "htdemucs_6s"), by(VOCALS, "hdemucs_mmi")]),
            "INVALID_ARGUMENT",
            "STEM_CHOSEN_TWICE",
        ),
        (pb.CreateSeparationRequest(stem_models=[by(GUITAR, "hdemucs_mmi")]), "INVALID_ARGUMENT", "UNKNOWN_STEM"),
        (
            pb.CreateSeparationRequest(model="hdemucs_mmi", stem_types=[PIANO]),
            "INVALID_ARGUMENT",
            "UNKNOWN_STEM",
        ),
        (pb.CreateSeparationRequest(stem_types=[pb.STEM_TYPE_RESIDUAL]), "INVALID_ARGUMENT", "UNKNOWN_STEM"),
        (pb.CreateSeparationRequest(model="htdemucs"), "FAILED_PRECONDITION", "MODEL_NOT_PRESENT"),
        (
            pb.CreateSeparationRequest(stem_models=[by(VOCALS, "htdemucs_ft")]),
            "FAILED_PRECONDITION",
            "MODEL_NOT_PRESENT",
        ),
    ],
)
def test_what_is_wrong_is_named(
    user: User, track_id: str, request_: pb.CreateSeparationRequest, code: str, reason: str
) -> None:
    asked = pb.CreateSeparationRequest(track_id=track_id)
    asked.MergeFrom(request_)

    assert user.reason("CreateSeparation", asked) == (code, reason)


def test_a_model_that_makes_nothing_need_not_be_there(user: User, track_id: str) -> None:
    request = pb.CreateSeparationRequest(
        track_id=track_id, model="htdemucs", stem_types=[VOCALS], stem_models=[by(VOCALS, "hdemucs_mmi")]
    )

    assert user.call("CreateSeparation", request).status == pb.SEPARATION_STATUS_PENDING
