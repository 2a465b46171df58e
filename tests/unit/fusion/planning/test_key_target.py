"""The key and tuning that cost least."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.fusion.mixing.planning.key_target import Pitched, key_options, transposed
from services.fusion.mixing.planning.material import Key
from tests.unit.fusion.planning.exhaustive import least_key_cost

KEYS = st.builds(Key, st.integers(0, 11), st.sampled_from(["major", "minor"]), st.floats(0, 1))
PITCHED = st.builds(
    Pitched, st.uuids().map(str), KEYS, st.integers(-50, 50).map(float), st.sampled_from([0.4, 0.7, 1.0, 2.8])
)


@settings(max_examples=50)
@given(st.lists(PITCHED, min_size=1, max_size=4))
def test_no_key_costs_less_than_the_first_option(tracks: list[Pitched]) -> None:
    assert key_options(tracks)[0].cost == pytest.approx(least_key_cost(tracks))


@settings(max_examples=50)
@given(st.lists(PITCHED, min_size=1, max_size=4), KEYS)
def test_all_tracks_share_one_tuning(tracks: list[Pitched], key: Key) -> None:
    for option in (*key_options(tracks)[:3], *key_options(tracks, key)):
        tunings = [track.tuning_cents + shift.cents for track, shift in zip(tracks, option.shifts, strict=True)]
        assert all((tuning - option.tuning_cents) % 100 == pytest.approx(0, abs=1e-6) for tuning in tunings)


@given(st.lists(PITCHED, min_size=1, max_size=4), KEYS)
def test_a_given_key_is_reached_or_its_relative(tracks: list[Pitched], key: Key) -> None:
    option = key_options(tracks, key)[0]
    relative = Key((key.tonic + (9 if key.mode == "major" else 3)) % 12, "minor" if key.mode == "major" else "major")
    for track, shift in zip(tracks, option.shifts, strict=True):
        assert abs(shift.cents) <= 600
        assert track.tuning_cents + shift.tuning == pytest.approx(option.tuning_cents)
        assert (transposed(track.key, shift.semitones).tonic, track.key.mode) in (
            (key.tonic, key.mode),
            (relative.tonic, relative.mode),
        )


def test_a_major_and_a_minor_track_meet_as_relative_keys() -> None:
    option = key_options([Pitched("a", Key(0, "major"), 0, 1.0), Pitched("b", Key(9, "minor"), 0, 1.0)])[0]
    assert [shift.cents for shift in option.shifts] == [0, 0]


def test_keys_a_fifth_apart_stay_where_they_are() -> None:
    option = key_options([Pitched("a", Key(0, "major"), 0, 1.0), Pitched("b", Key(7, "major"), 0, 1.0)])[0]
    assert [shift.cents for shift in option.shifts] == [0, 0]


def test_the_lighter_track_moves() -> None:
    option = key_options([Pitched("bass", Key(0, "major"), 0, 0.4), Pitched("band", Key(2, "major"), 0, 2.8)])[0]
    assert [shift.cents for shift in option.shifts] == [200, 0]


def test_the_key_of_a_track_leaves_it_untouched() -> None:
    tracks = [Pitched("a", Key(3, "minor"), 17, 0.4), Pitched("b", Key(2, "major"), -20, 2.8)]
    option = key_options(tracks, tracks[0].key, tracks[0].tuning_cents)[0]
    assert option.shifts[0].cents == 0


def test_an_uncertain_key_is_not_bent_for() -> None:
    tracks = [Pitched("a", Key(0, "major"), 0, 1.0), Pitched("b", Key(2, "major", 0.1), 0, 1.0)]
    assert [shift.cents for shift in key_options(tracks)[0].shifts] == [0, 0]


@pytest.mark.parametrize(("semitones", "tonic"), [(2, 1), (-12, 11), (0, 11), (-6, 5)])
def test_transposing_a_key(semitones: int, tonic: int) -> None:
    assert transposed(Key(11, "minor"), semitones) == Key(tonic, "minor")
