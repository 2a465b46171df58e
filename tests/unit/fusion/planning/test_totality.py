"""Whatever mir hears and whatever is wished: a song that can be performed, or an error that says what to do."""

from __future__ import annotations

from dataclasses import replace
from itertools import accumulate

from hypothesis import given, settings
from hypothesis import strategies as st

from services.fusion.mixing.checking import check_arrangement
from services.fusion.mixing.planning import Plan, PlanError, arrange, compatibility, suggest
from services.fusion.mixing.planning.clips import SLOPES
from services.fusion.mixing.planning.material import Key, Section, Span, StemFacts, Track
from services.fusion.mixing.planning.wish import Arrange, Length, Match, MatchMode, StemWish, Target, Wish
from tests.unit.fusion.planning.songs import BAND

SECONDS = st.floats(0, 90)
SPANS = st.lists(st.tuples(SECONDS, st.floats(0.1, 30)), max_size=4).map(
    lambda pairs: tuple(Span(start, start + length) for start, length in sorted(pairs))
)
KEYS = st.none() | st.builds(Key, st.integers(0, 11), st.sampled_from(["major", "minor"]), st.floats(0, 1))
GAPS = st.lists(st.floats(0.02, 3), max_size=40) | st.floats(0.15, 2.9).map(lambda gap: [gap] * 24)


@st.composite
def tracks(draw: st.DrawFn, track_id: str) -> Track:
    beats = tuple(accumulate(draw(GAPS)))
    starts = sorted(draw(st.lists(st.floats(0, 60), max_size=5, unique=True)))
    labels = draw(st.text("ABC", min_size=len(starts), max_size=len(starts)))
    bar = draw(st.none() | st.integers(1, 7))
    return Track(
        track_id,
        draw(st.floats(0.5, 100)),
        draw(st.none() | st.floats(20, 400)),
        draw(st.floats(0, 1)),
        beats,
        tuple(index % (bar or 4) + 1 for index in range(len(beats))),
        bar,
        draw(st.booleans()),
        draw(KEYS),
        draw(st.floats(-50, 50)),
        tuple(Section(Span(start, start + 5), label, 2) for start, label in zip(starts, labels, strict=True)),
        stems={role: StemFacts(-20, draw(st.none() | SPANS)) for role in BAND},
    )


@st.composite
def wishes(draw: st.DrawFn, known: dict[str, Track]) -> Wish:
    stems = st.builds(
        StemWish,
        st.uuids().map(str),
        st.sampled_from(sorted(known)),
        st.sampled_from([*BAND, "residual"]),
        seconds=st.just(1.0),
        sample_rate=st.sampled_from([22_050, 44_100, 48_000, 96_000]),
        muted=st.booleans(),
        start_seconds=st.sampled_from([0.0, 0.0, 3.3, -7.0]),
        trim=st.none() | st.tuples(SECONDS, st.floats(0, 20)).map(lambda pair: Span(pair[0], sum(pair))),
        loops=st.sampled_from([1, 1, 2, 0]),
        speed=st.sampled_from([1.0, 1.0, 0.5, 1.3, 2.0]),
        semitones=st.sampled_from([0.0, -12.0, 5.5]),
    )
    chosen = draw(st.lists(stems, min_size=1, max_size=5))
    target = st.builds(
        Target,
        bpm=st.none() | st.floats(30, 260),
        tempo_of=st.none() | st.sampled_from(sorted(known)),
        key=KEYS,
        key_of=st.none() | st.sampled_from(sorted(known)),
    )
    return Wish(
        tuple(replace(stem, seconds=known[stem.track_id].seconds) for stem in chosen),
        Match(draw(st.sampled_from(MatchMode)), draw(st.just(Target()) | target), draw(st.sampled_from(Arrange))),
        draw(st.sampled_from(Length)),
        draw(st.integers(0, 40)),
    )


@st.composite
def requests(draw: st.DrawFn) -> tuple[Wish, dict[str, Track]]:
    known = {name: draw(tracks(name)) for name in "ab"}
    return draw(wishes(known)), known


def _suggested(wish: Wish, known: dict[str, Track]) -> list[Plan]:
    """Two plans, or none, if there is an error that says why."""
    try:
        return suggest(wish, known, 2)
    except PlanError as error:
        if not (error.code.isupper() and error.message.endswith(".")):
            raise
        return []


@settings(max_examples=80, deadline=None)
@given(requests())
def test_every_request_gives_a_song_that_can_be_performed_or_an_error_that_says_why(
    request: tuple[Wish, dict[str, Track]],
) -> None:
    wish, known = request
    for plan in _suggested(wish, known):
        song = arrange(wish, known, plan)
        check_arrangement(song, {stem.stem_id for stem in wish.stems})
        assert any(voice.pieces for voice in song.voices)
        for voice in song.voices:
            assert all(piece.start >= 0 and piece.end <= song.frames for piece in voice.pieces)
            for piece in voice.pieces:
                (start, second), (end, last) = piece.anchors[0], piece.anchors[-1]
                assert SLOPES[0] * 0.999 <= (last - second) * song.sample_rate / (end - start) <= SLOPES[1] * 1.001
        for collision in plan.collisions:
            assert 0 < collision.share <= 1
            assert all(0 <= span.start < span.end <= song.frames / song.sample_rate + 1e-6 for span in collision.spans)


@settings(max_examples=30, deadline=None)
@given(tracks("a"), tracks("b"), st.sets(st.sampled_from(BAND), min_size=1), st.sets(st.sampled_from(BAND), min_size=1))
def test_any_two_tracks_have_a_compatibility(a: Track, b: Track, roles: set[str], other: set[str]) -> None:
    found = compatibility(a, sorted(roles), b, sorted(other))
    assert 0 <= found.score <= 1
    assert (found.plan is None) == (found.score == 0)
