"""The tempo that costs least."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.fusion.mixing.planning.errors import PlanError
from services.fusion.mixing.planning.tempo_target import RATIOS, TARGET_BPM, Paced, tempo_cost, tempo_options
from tests.unit.fusion.planning.exhaustive import coarseness, least_tempo_cost

PACED = st.builds(
    Paced,
    st.uuids().map(str),
    bpm=st.floats(50, 220),
    weight=st.floats(0.3, 6),
    confidence=st.floats(0, 1),
)


@given(st.lists(PACED, min_size=1, max_size=5))
def test_no_tempo_costs_less_than_the_first_option(tracks: list[Paced]) -> None:
    least = least_tempo_cost(tracks)
    assert least - coarseness(tracks) <= tempo_options(tracks)[0].cost <= least + 1e-9


@pytest.mark.parametrize("seed", range(50))
def test_the_first_option_of_a_pair_is_as_cheap_as_an_exhaustive_search(seed: int) -> None:
    random = np.random.default_rng(seed)
    pair = [Paced(name, random.uniform(55, 200), random.uniform(0.3, 4), random.random()) for name in "ab"]
    assert tempo_options(pair)[0].cost == pytest.approx(least_tempo_cost(pair), abs=coarseness(pair))


@given(st.lists(PACED, min_size=1, max_size=4))
def test_options_come_in_the_order_of_their_cost_and_within_reach(tracks: list[Paced]) -> None:
    options = tempo_options(tracks)
    assert [round(one.cost, 9) for one in options] == sorted(round(one.cost, 9) for one in options)
    for option in options:
        assert TARGET_BPM[0] <= option.bpm <= TARGET_BPM[1]
        assert all(RATIOS[0] * 0.999 <= ratio <= RATIOS[1] * 1.001 for ratio in option.ratios)


def test_the_lighter_track_bends_when_they_are_near() -> None:
    best = tempo_options([Paced("drums", 100, 0.8), Paced("band", 104, 3.0)])[0]
    assert best.bpm == pytest.approx(104)
    assert best.ratios == pytest.approx((1.04, 1.0))


def test_two_equal_tracks_far_apart_meet_half_way() -> None:
    best = tempo_options([Paced("a", 100, 1.0), Paced("b", 128, 1.0)])[0]
    assert best.bpm == pytest.approx((100 * 128) ** 0.5)


@pytest.mark.parametrize(("slow", "fast"), [(70, 140), (64, 128), (85, 172)])
def test_double_time_is_counted_rather_than_bent(slow: float, fast: float) -> None:
    best = tempo_options([Paced("slow", slow, 1.0), Paced("fast", fast, 3.0)])[0]
    assert best.bpm == pytest.approx(fast)
    assert best.levels == (2.0, 1.0)


def test_a_given_tempo_is_the_only_option() -> None:
    options = tempo_options([Paced("a", 100, 1.0), Paced("b", 120, 1.0)], 110.0)
    assert [option.bpm for option in options] == [110.0]


def test_a_track_whose_tempo_is_the_target_is_counted_as_it_was_heard() -> None:
    tracks = [Paced("a", 180, 1.0, confidence=0.0), Paced("b", 90, 1.0)]
    option = tempo_options(tracks, 180, "a")[0]
    assert option.levels[0] == 1
    assert option.ratios[0] == 1


def test_options_that_only_count_otherwise_are_one() -> None:
    """Both in double time sounds like neither."""
    options = tempo_options([Paced("a", 80, 1.0), Paced("b", 84, 2.0)])
    sounds = {tuple(round(ratio, 6) for ratio in option.ratios) for option in options}
    assert len(sounds) == len(options) > 1


def test_a_given_tempo_out_of_reach_says_which_are_within() -> None:
    with pytest.raises(PlanError) as refused:
        tempo_options([Paced("a", 30, 1.0), Paced("b", 120, 1.0)], 200.0)
    assert refused.value.code == "TARGET_TEMPO_OUT_OF_REACH"
    assert refused.value.params["high_bpm"] == pytest.approx(180)


def test_tempi_without_a_common_one_are_refused() -> None:
    with pytest.raises(PlanError) as refused:
        tempo_options([Paced("a", 5, 1.0), Paced("b", 400, 1.0)])
    assert refused.value.code == "TEMPI_TOO_FAR_APART"


def test_the_cost_of_a_tempo_is_that_of_the_best_levels() -> None:
    option = tempo_cost([Paced("a", 60, 2.0, 0.5)], 120)
    assert option.levels == (2.0,)
    assert option.cost == pytest.approx(0.5 * 2.0 * 0.5)
