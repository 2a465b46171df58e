"""Starting levels."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.fusion.mixing.mastering.balance import MOST_DB, USUAL_LU, Stem, balanced

stems = st.lists(
    st.builds(Stem, st.sampled_from("abc"), st.sampled_from([*USUAL_LU, "residual"]), st.none() | st.floats(-60, -5)),
    max_size=12,
)


def test_a_loud_track_comes_down_and_a_soft_one_up() -> None:
    voice, drums = Stem("soft", "vocals", -22.0), Stem("loud", "drums", -15.0)
    up, down = balanced([voice, drums])
    assert (up, down) == (4.0, -4.0)
    assert -22.0 + up - USUAL_LU["vocals"] == -15.0 + down - USUAL_LU["drums"]


def test_stems_of_one_track_keep_their_balance() -> None:
    gains = balanced(
        [Stem("a", "vocals", -20), Stem("b", "drums", -14), Stem("b", "bass", -25), Stem("b", "residual", -40)]
    )
    assert gains[1] == gains[2] == gains[3] != 0


def test_a_track_alone_is_left_alone() -> None:
    assert balanced([Stem("a", "vocals", -30), Stem("a", "drums", -10)]) == [0.0, 0.0]


def test_what_is_silent_or_unknown_is_left_alone() -> None:
    assert balanced([Stem("a", "vocals", None), Stem("b", "drums", -20), Stem("c", "residual", -20)]) == [0, 0, 0]
    assert balanced([]) == []


@given(stems)
def test_nothing_is_moved_further_than_it_may(some: list[Stem]) -> None:
    assert all(abs(gain) <= MOST_DB for gain in balanced(some))


@given(stems, st.floats(-3, 3))
def test_turning_everything_up_changes_nothing(some: list[Stem], louder: float) -> None:
    turned = [
        Stem(each.track_id, each.role, None if each.loudness_lufs is None else each.loudness_lufs + louder)
        for each in some
    ]
    assert balanced(turned) == pytest.approx(balanced(some), abs=1e-9)
