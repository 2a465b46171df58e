"""Beats on the common grid."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.fusion.mixing.planning.beat_maps import BeatMap, along_beats
from services.fusion.mixing.planning.material import Track
from services.fusion.mixing.planning.pulse import pulse_of
from tests.unit.fusion.planning.songs import track_of


def _map(track: Track, bpm: float, level: float = 1.0) -> BeatMap:
    pulse = pulse_of(track)
    assert pulse is not None
    return along_beats(pulse, level, bpm, track.seconds)


def _misses(map_: BeatMap, beats: Sequence[float], beat: float) -> list[float]:
    """Seconds by which beats miss the common ones."""
    songs = [map_.song(at) for at in beats]
    return [abs(song - round(song / beat) * beat) for song in songs]


@pytest.mark.parametrize("drift", [0.0, 0.01, 0.05])
@pytest.mark.parametrize("bpm", [96.0, 120.0, 144.0])
def test_every_beat_of_a_drifting_track_lands_on_the_grid(bpm: float, drift: float) -> None:
    track = track_of("a", 120, count=600, drift=drift)
    assert max(_misses(_map(track, bpm), track.beats, 60 / bpm)) <= 0.00301


@pytest.mark.parametrize("level", [0.5, 1.0, 2.0])
def test_a_beat_takes_as_many_common_beats_as_its_level_says(level: float) -> None:
    track = track_of("a", 100, drift=0.01)
    map_ = _map(track, 210, level)
    common = [map_.song(at) * 210 / 60 for at in track.beats]
    assert [later - earlier for earlier, later in pairwise(common)] == pytest.approx([level] * 127, abs=0.022)


def test_jitter_of_a_steady_track_is_not_followed() -> None:
    map_ = _map(track_of("a", 120, count=400, jitter=0.004), 126)
    assert len(map_.anchors) == 2


def test_a_drifting_track_takes_fewer_anchors_than_beats() -> None:
    assert len(_map(track_of("a", 120, count=400, drift=0.01), 126).anchors) < 130


def test_a_track_at_its_own_tempo_is_not_bent() -> None:
    track = track_of("a", 120)
    pulse = pulse_of(track)
    assert pulse is not None
    assert _map(track, pulse.bpm).is_unbent


def test_the_first_downbeat_falls_on_beat_nought() -> None:
    track = track_of("a", 120, downbeat=2, drift=0.01)
    assert _map(track, 110).song(track.beats[2]) == pytest.approx(0, abs=0.003)


def test_most_positions_say_where_bars_begin() -> None:
    track = track_of("a", 120, downbeat=1)
    wrong = replace(track, positions=(1, 2, *track.positions[2:]))
    assert _map(wrong, 120).song(track.beats[1]) == pytest.approx(0, abs=0.003)


def test_a_missed_beat_bends_nothing() -> None:
    track = track_of("a", 120)
    missed = replace(
        track, beats=track.beats[:50] + track.beats[51:], positions=track.positions[:50] + track.positions[51:]
    )
    assert _misses(_map(missed, 110), track.beats, 60 / 110) == pytest.approx([0] * 128, abs=0.001)


def test_a_doubled_beat_is_none() -> None:
    track = track_of("a", 120)
    beats, positions = track.beats, track.positions
    doubled = replace(
        track, beats=(*beats[:50], beats[49] + 0.05, *beats[50:]), positions=(*positions[:50], 1, *positions[50:])
    )
    assert _misses(_map(doubled, 110), track.beats, 60 / 110) == pytest.approx([0] * 128, abs=0.001)


def test_time_goes_on_at_the_mean_speed_beyond_the_beats() -> None:
    track = track_of("a", 120, count=400, first=10, drift=0.05)
    map_ = _map(track, 60)
    pulse = pulse_of(track)
    assert pulse is not None
    before, after = map_.song(5) - map_.song(0), map_.song(track.seconds + 5) - map_.song(track.seconds)
    assert (before, after) == pytest.approx((5 / pulse.period, 5 / pulse.period))


@pytest.mark.parametrize("beats", [(), (1.0,), (1.0, 1.5, 2.0), (1.0, 1.0, 1.0, 1.0, 1.0), (float("nan"),) * 9])
def test_a_track_without_enough_beats_has_no_pulse(beats: tuple[float, ...]) -> None:
    assert pulse_of(replace(track_of("a"), beats=beats, positions=())) is None


GAPS = st.lists(st.floats(0.4, 0.7), min_size=4, max_size=60)


@given(GAPS, st.floats(40, 240), st.sampled_from([0.5, 1.0, 2.0]), st.floats(-100, 400))
def test_a_map_rises_and_can_be_read_both_ways(gaps: list[float], bpm: float, level: float, at: float) -> None:
    beats = tuple(sum(gaps[:index]) for index in range(len(gaps)))
    map_ = _map(replace(track_of("a"), beats=beats, positions=(), seconds=beats[-1] + 1), bpm, level)
    assert all(song < after and track < then for (song, track), (after, then) in pairwise(map_.anchors))
    assert map_.song(map_.track(at)) == pytest.approx(at, abs=1e-6)
