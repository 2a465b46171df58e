"""What makes two separations equal."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from services.separation import reuse
from services.separation.engine.choice import parts_of
from services.separation.engine.registry import card_of
from services.separation.store import SeparationRow

ROW = SeparationRow(
    separation_id="one",
    owner_id="ada",
    track_id="track",
    title="A song",
    master_key="key",
    model="htdemucs",
    stem_types=["drums", "vocals"],
    version=1,
    created_at=datetime(2026, 1, 2, tzinfo=UTC),
    content_hash="abc",
)
OTHER = replace(ROW, separation_id="two", track_id="another", title="The same song", version=7)


def recipe(row: SeparationRow, *, shared: bool = False) -> str:
    """The recipe as the worker makes it."""
    return reuse.recipe(row, parts_of({stem: card_of(row.model_of(stem)) for stem in row.stem_types}), shared=shared)


def test_the_same_audio_models_and_stems_are_the_same_recipe() -> None:
    assert recipe(ROW) == recipe(OTHER)


@pytest.mark.parametrize(
    "different",
    [
        replace(OTHER, content_hash="abd"),
        replace(OTHER, stem_types=["drums"]),
        replace(OTHER, model="hdemucs_mmi"),
        replace(OTHER, stem_models={"vocals": "htdemucs_ft"}),
    ],
)
def test_anything_that_decides_the_result_makes_another_recipe(different: SeparationRow) -> None:
    assert recipe(different) != recipe(ROW)


def test_users_share_a_recipe_only_where_that_is_configured() -> None:
    theirs = replace(OTHER, owner_id="bob")

    assert recipe(theirs) != recipe(ROW)
    assert recipe(theirs, shared=True) == recipe(ROW, shared=True)
    assert recipe(ROW, shared=True) != recipe(ROW)


@pytest.mark.parametrize("shared", [False, True])
def test_audio_without_a_digest_is_like_no_other(shared: bool) -> None:
    one, two = replace(ROW, content_hash=""), replace(OTHER, content_hash="")

    assert recipe(one, shared=shared) != recipe(two, shared=shared)
    assert recipe(one, shared=shared) == recipe(replace(one, version=9), shared=shared)
