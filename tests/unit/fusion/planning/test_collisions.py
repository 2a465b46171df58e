"""Who gets into whose way, and who gives way."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.fusion.mixing.arrangement import Arrangement, Voice
from services.fusion.mixing.planning import Collision, arrange, suggest
from services.fusion.mixing.planning.collisions import joined, overlap
from services.fusion.mixing.planning.material import Span, Track
from services.fusion.mixing.planning.turns import Quiet, gain_curve
from services.fusion.mixing.planning.wish import Arrange, Match, MatchMode, StemWish, Wish
from tests.unit.fusion.planning.songs import RATE, by_id, stem_of, track_of

Times = Sequence[tuple[float, float]]


def _two(role: str, one: Times | None, other: Times | None) -> tuple[Track, Track]:
    """Two tracks of 60 s, and when this role plays in them."""
    return (
        track_of("a", count=119, active={role: one} if one is not None else None),
        track_of("b", count=119, active={role: other} if other is not None else None),
    )


def _song(
    role: str, tracks: Sequence[Track], arrange_: Arrange, *more: StemWish, mode: MatchMode = MatchMode.NONE
) -> tuple[Arrangement, tuple[Collision, ...]]:
    wish = Wish((*(stem_of(track, role) for track in tracks), *more), Match(mode, arrange=arrange_))
    plan = suggest(wish, by_id(*tracks), 1)[0]
    return arrange(wish, by_id(*tracks), plan), plan.collisions


def _gains(voice: Voice, seconds: Sequence[float]) -> list[float]:
    if not voice.gain_curve:
        return [0.0] * len(seconds)
    frames, gains = zip(*voice.gain_curve, strict=True)
    return [float(gain) for gain in np.interp([at * RATE for at in seconds], frames, gains)]


@pytest.mark.parametrize("role", ["vocals", "bass", "drums"])
def test_two_of_one_role_at_once_are_reported_with_where_and_how_much(role: str) -> None:
    _, found = _song(role, _two(role, [(0, 20), (30, 50)], [(10, 40)]), Arrange.AS_GIVEN)
    (collision,) = found
    assert (collision.role, collision.voice, collision.other) == (role, f"{role} 1", f"{role} 2")
    assert [(span.start, span.end) for span in collision.spans] == [(10, 20), (30, 40)]
    assert collision.share == pytest.approx(20 / 30)
    assert collision.remedy == "none"
    assert collision.certain


@pytest.mark.parametrize("role", ["other", "guitar", "piano", "residual"])
def test_roles_that_go_together_do_not_collide(role: str) -> None:
    assert _song(role, _two(role, [(0, 20)], [(0, 20)]), Arrange.AS_GIVEN)[1] == ()


def test_voices_that_alternate_do_not_collide() -> None:
    assert _song("vocals", _two("vocals", [(0, 20)], [(20.2, 40)]), Arrange.AS_GIVEN)[1] == ()


def test_when_it_is_not_known_when_they_play_all_of_it_collides() -> None:
    (collision,) = _song("bass", _two("bass", None, [(10, 40)]), Arrange.AS_GIVEN)[1]
    assert not collision.certain
    assert [(span.start, span.end) for span in collision.spans] == [(10, 40)]


def test_collisions_are_where_the_song_has_them() -> None:
    """Activity is known in each track's own time; the song's is another."""
    a = track_of("a", 120, active={"vocals": [(4.5, 8.5)]})
    b = track_of("b", 60, first=1.0, active={"vocals": [(9.0, 17.0)]})
    wish = Wish((stem_of(a, "vocals"), stem_of(b, "vocals", speed=2.0)))
    (collision,) = suggest(wish, by_id(a, b), 1)[0].collisions
    assert [(span.start, span.end) for span in collision.spans] == [pytest.approx((4.5, 8.5), abs=1e-3)]


def test_the_bass_of_the_drums_that_are_heard_is_the_more_important() -> None:
    a, b = _two("bass", [(0, 60)], [(0, 60)])
    (collision,) = _song("bass", (a, b), Arrange.AS_GIVEN, stem_of(b, "drums"))[1]
    assert collision.voice == "bass 2"


def test_as_given_leaves_everything_as_it_is() -> None:
    song, _ = _song("vocals", _two("vocals", [(0, 60)], [(0, 60)]), Arrange.AS_GIVEN)
    assert all(voice.gain_curve == () for voice in song.voices)


@pytest.mark.parametrize(("role", "level"), [("vocals", -9.0), ("bass", -15.0)])
def test_what_meets_now_and_then_is_ducked_by_whole_phrases(role: str, level: float) -> None:
    tracks = _two(role, [(0, 12)], [(10, 20), (25, 50)])
    song, (collision,) = _song(role, tracks, Arrange.AUTOMATIC)
    assert collision.remedy == "ducked"
    first, second = song.voices
    assert first.gain_curve == ()
    assert _gains(second, [9, 10, 15, 20, 22, 26, 49]) == pytest.approx([0, level, level, level, 0, 0, 0])


def test_two_who_sing_all_the_time_take_turns() -> None:
    phrases = [(at, at + 3) for at in range(1, 60, 5)]
    song, (collision,) = _song("vocals", _two("vocals", phrases, phrases), Arrange.AUTOMATIC)
    assert collision.remedy == "turns"
    middles = [at + 1.5 for at, _ in phrases]
    gains = [_gains(voice, middles) for voice in song.voices]
    assert all(sorted(pair) == [-60, 0] for pair in zip(*gains, strict=True))
    assert 3 <= gains[0].count(0) <= len(phrases) - 3


def test_turns_follow_the_sections() -> None:
    phrases = [(at, at + 3) for at in range(1, 60, 5)]
    a = track_of("a", count=119, active={"vocals": phrases}, labels="AB")
    b = track_of("b", count=119, active={"vocals": phrases})
    song, _ = _song("vocals", (a, b), Arrange.AUTOMATIC)
    assert _gains(song.voices[0], [2.5, 22.5, 37.5, 57.5]) == [0, 0, -60, -60]
    assert _gains(song.voices[1], [2.5, 22.5, 37.5, 57.5]) == [-60, -60, 0, 0]


def test_nobody_is_cut_off_in_the_middle_of_a_phrase() -> None:
    phrases = [(0.5, 7.5), (9.5, 17.5), (19.5, 28.5), (30.5, 41.5), (44.0, 58.0)]
    song, _ = _song("vocals", _two("vocals", phrases, phrases), Arrange.AUTOMATIC)
    for voice in song.voices:
        for start, end in phrases:
            gains = _gains(voice, np.linspace(start, end, 50).tolist())
            assert len(set(gains)) == 1


def test_the_second_drummer_loses_its_kick() -> None:
    song, (collision,) = _song("drums", _two("drums", [(0, 60)], [(0, 60)]), Arrange.AUTOMATIC)
    assert collision.remedy == "low_cut"
    assert [voice.effects.low_cut_hz for voice in song.voices] == [None, 150]
    assert _gains(song.voices[1], [0, 59]) == [-6, -6]


SPANS = st.lists(
    st.tuples(st.floats(0, 100), st.floats(0, 30)).map(lambda pair: Span(pair[0], pair[0] + pair[1])), max_size=8
)


@given(SPANS, SPANS)
def test_overlaps_are_what_lies_in_both(one: list[Span], other: list[Span]) -> None:
    both = overlap(joined(one), joined(other))
    for at in np.linspace(0.013, 131, 300):
        inside = [any(span.start < at < span.end for span in spans) for spans in (one, other)]
        assert any(span.start < at < span.end for span in both) <= all(inside)
        if all(inside):
            assert any(span.start <= at <= span.end for span in both)


QUIET = st.builds(Quiet, SPANS.filter(bool).map(lambda spans: spans[0]), st.sampled_from([-9.0, -15.0, -60.0]))


@given(st.lists(QUIET, max_size=6))
def test_gain_curves_rise_in_time_and_are_as_quiet_as_asked(quiet: list[Quiet]) -> None:
    curve = gain_curve(quiet, RATE)
    assert all(earlier[0] < later[0] for earlier, later in pairwise(curve))
    assert all(frame >= 0 and -60 <= gain <= 0 for frame, gain in curve)
    for one in quiet:
        if one.span.end - one.span.start > 1:
            middle = (one.span.start + one.span.end) / 2
            frames, gains = zip(*curve, strict=True)
            assert float(np.interp(middle * RATE, frames, gains)) <= one.gain_db + 60
