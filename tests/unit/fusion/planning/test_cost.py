"""What bending costs."""

import pytest

from services.fusion.mixing.planning.cost import bent, key_clash, level_cost, pitch_damage, stretch_damage
from services.fusion.mixing.planning.material import Key

C_MAJOR = Key(0, "major")


@pytest.mark.parametrize("ratio", [1.08, 1 / 1.08])
def test_a_vocal_loses_one_point_by_eight_percent_of_stretch(ratio: float) -> None:
    assert stretch_damage("vocals", ratio) == pytest.approx(1.0)


@pytest.mark.parametrize("cents", [300.0, -300.0])
def test_a_vocal_loses_one_point_by_three_semitones(cents: float) -> None:
    assert pitch_damage("vocals", cents) == pytest.approx(1.0)


def test_damage_grows_three_times_as_fast_beyond_the_limit() -> None:
    assert [bent(0.5), bent(1.0), bent(2.0)] == pytest.approx([0.5, 1.0, 4.0])


@pytest.mark.parametrize("role", ["drums", "residual"])
def test_what_is_never_transposed_costs_no_pitch(role: str) -> None:
    assert pitch_damage(role, 600.0) == 0


@pytest.mark.parametrize("role", ["drums", "bass", "other", "guitar", "piano", "residual", "kazoo"])
def test_vocals_suffer_most(role: str) -> None:
    assert stretch_damage(role, 1.2) < stretch_damage("vocals", 1.2)
    assert pitch_damage(role, 400.0) < pitch_damage("vocals", 400.0)


def test_what_is_not_bent_costs_nothing() -> None:
    assert stretch_damage("vocals", 1.0) == pitch_damage("vocals", 0.0) == level_cost(1, 3.0, 1.0) == 0


def test_an_uncertain_tempo_changes_its_level_more_cheaply() -> None:
    assert level_cost(2, 3.0, 0.2) < level_cost(2, 3.0, 0.9)


@pytest.mark.parametrize(
    ("key", "clash"),
    [
        (Key(0, "major"), 0.0),
        (Key(9, "minor"), 0.1),  # relative
        (Key(7, "major"), 0.75),  # a fifth up
        (Key(5, "major"), 0.75),  # a fifth down
        (Key(4, "minor"), 0.85),  # relative of the fifth
        (Key(0, "minor"), 1.25),  # parallel
        (Key(2, "major"), 1.5),
        (Key(6, "major"), 3.5),  # the other side of the circle
        (Key(3, "minor"), 3.6),
    ],
)
def test_keys_clash_by_the_notes_in_which_they_differ(key: Key, clash: float) -> None:
    assert key_clash(key, C_MAJOR) == pytest.approx(clash)
    assert key_clash(C_MAJOR, key) == pytest.approx(clash)


@pytest.mark.parametrize("semitones", range(12))
def test_transposing_both_keys_changes_no_clash(semitones: int) -> None:
    assert key_clash(Key(semitones, "major"), Key((4 + semitones) % 12, "minor")) == pytest.approx(0.85)
