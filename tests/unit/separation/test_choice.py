"""Which networks run for which stems, which model a quality stands for, and what makes two computations equal."""

from collections.abc import Collection, Mapping
from dataclasses import replace

import pytest

from services.separation.engine.choice import Part, Quality, model_for, parts_of, recipe_of
from services.separation.engine.registry import MODELS, ModelCard, NetworkCard, card_of

HTDEMUCS, FINE_TUNED, SIX_STEMS, HYBRID, BAG = (
    card_of(name) for name in ("htdemucs", "htdemucs_ft", "htdemucs_6s", "hdemucs_mmi", "mdx_extra")
)
FOUR = HTDEMUCS.stems


def as_names(parts: Collection[Part]) -> dict[str, dict[str, float]]:
    return {part.network.name: dict(part.weights) for part in parts}


@pytest.mark.parametrize(
    ("stem_models", "expected"),
    [
        (dict.fromkeys(FOUR, HTDEMUCS), {"htdemucs": dict.fromkeys(FOUR, 1.0)}),
        ({"vocals": HTDEMUCS}, {"htdemucs": {"vocals": 1.0}}),
        ({"vocals": FINE_TUNED}, {"htdemucs_ft_vocals": {"vocals": 1.0}}),
        (dict.fromkeys(FOUR, FINE_TUNED), {f"htdemucs_ft_{stem}": {stem: 1.0} for stem in FOUR}),
        (
            {"vocals": FINE_TUNED, "drums": HYBRID, "guitar": SIX_STEMS, "piano": SIX_STEMS},
            {
                "hdemucs_mmi": {"drums": 1.0},
                "htdemucs_6s": {"guitar": 1.0, "piano": 1.0},
                "htdemucs_ft_vocals": {"vocals": 1.0},
            },
        ),
        ({"bass": BAG}, {network.name: {"bass": 0.25} for network, _ in BAG.networks}),
    ],
)
def test_only_the_networks_that_are_needed_run_each_once(
    stem_models: Mapping[str, ModelCard], expected: dict[str, dict[str, float]]
) -> None:
    assert as_names(parts_of(stem_models)) == expected


@pytest.mark.parametrize("name", MODELS)
def test_the_weights_of_every_stem_sum_to_one(name: str) -> None:
    card = MODELS[name]
    parts = parts_of(dict.fromkeys(card.stems, card))
    for stem in card.stems:
        assert sum(part.weights.get(stem, 0.0) for part in parts) == pytest.approx(1.0)


def test_a_network_of_two_models_runs_once() -> None:
    network = HTDEMUCS.networks[0][0]
    other = replace(HTDEMUCS, name="other")
    (part,) = parts_of({"vocals": HTDEMUCS, "drums": other})
    assert part.network is network
    assert part.weights == {"drums": 1.0, "vocals": 1.0}


def test_uneven_weights_are_normalised_stem_by_stem() -> None:
    one, two = NetworkCard("one", ("a", "b"), 1), NetworkCard("two", ("a", "b"), 1)
    card = replace(HTDEMUCS, networks=((one, (3.0, 0.0)), (two, (1.0, 5.0))))
    assert as_names(parts_of({"a": card, "b": card})) == {"one": {"a": 0.75}, "two": {"a": 0.25, "b": 1.0}}
    assert as_names(parts_of({"b": card})) == {"two": {"b": 1.0}}


def test_equal_wishes_are_equal_parts_in_whatever_order() -> None:
    one = parts_of({"vocals": BAG, "drums": FINE_TUNED, "bass": BAG})
    other = parts_of({"bass": BAG, "drums": FINE_TUNED, "vocals": BAG})
    assert one == other
    assert [list(part.weights) for part in one] == [list(part.weights) for part in other]


ALL = tuple(MODELS.values())


@pytest.mark.parametrize(
    ("quality", "present", "stems", "chosen"),
    [
        (Quality.STANDARD, ALL, (), HTDEMUCS),
        (Quality.DRAFT, ALL, (), HYBRID),
        (Quality.BEST, ALL, (), FINE_TUNED),
        (Quality.STANDARD, [], (), HTDEMUCS),
        (Quality.DRAFT, [], (), HTDEMUCS),
        (Quality.BEST, [], (), HTDEMUCS),
        (Quality.BEST, [HYBRID, HTDEMUCS], (), HTDEMUCS),
        (Quality.BEST, [HYBRID, BAG], (), HYBRID),
        (Quality.BEST, [BAG, SIX_STEMS], (), HTDEMUCS),
        (Quality.DRAFT, [FINE_TUNED, BAG], (), BAG),
        (Quality.DRAFT, ALL, ("piano",), SIX_STEMS),
        (Quality.BEST, ALL, ("vocals", "guitar"), HTDEMUCS),
        (Quality.BEST, [HTDEMUCS, replace(HTDEMUCS, name="dearer", relative_cost=9.0)], (), HTDEMUCS),
        (Quality.BEST, [replace(HYBRID, sdr_db=HTDEMUCS.sdr_db), HTDEMUCS], (), replace(HYBRID, sdr_db=8.8)),
    ],
)
def test_a_quality_stands_for_a_model_that_is_present(
    quality: Quality, present: Collection[ModelCard], stems: Collection[str], chosen: ModelCard
) -> None:
    assert model_for(quality, present, HTDEMUCS, stems) == chosen


def test_equal_computations_have_equal_recipes() -> None:
    wanted = {"vocals": FINE_TUNED, "drums": HTDEMUCS}
    recipe = recipe_of("audio", parts_of(wanted))
    assert len(recipe) == 64
    assert recipe == recipe_of("audio", parts_of(dict(reversed(wanted.items()))))
    renamed = replace(HTDEMUCS, name="same network, other name")
    assert recipe == recipe_of("audio", parts_of({"vocals": FINE_TUNED, "drums": renamed}))


def test_whatever_changes_the_samples_changes_the_recipe(monkeypatch: pytest.MonkeyPatch) -> None:
    network, weights = HTDEMUCS.networks[0]
    other_weights = replace(HTDEMUCS, networks=((replace(network, weights_sha256="0" * 64), weights),))
    wanted = parts_of({"vocals": HTDEMUCS})
    recipes = [
        recipe_of("audio", wanted),
        recipe_of("other audio", wanted),
        recipe_of("audio", parts_of({"drums": HTDEMUCS})),
        recipe_of("audio", parts_of({"vocals": HTDEMUCS, "drums": HTDEMUCS})),
        recipe_of("audio", parts_of({"vocals": HYBRID})),
        recipe_of("audio", parts_of({"vocals": other_weights})),
        recipe_of("audio", [Part(network, {"vocals": 0.5})]),
    ]
    monkeypatch.setattr("services.separation.engine.choice.ENGINE_VERSION", 0)
    recipes.append(recipe_of("audio", wanted))
    assert len(set(recipes)) == len(recipes)
