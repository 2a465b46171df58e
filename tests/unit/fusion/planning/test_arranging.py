"""From a wish to an arrangement: everything where it belongs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import pytest

from services.fusion.mixing.arrangement import Arrangement, Effects, Reverb, Voice
from services.fusion.mixing.planning import PlanError, arrange, suggest
from services.fusion.mixing.planning.material import Key, Span, Track
from services.fusion.mixing.planning.wish import Length, Match, MatchMode, StemWish, Target, Wish
from tests.unit.fusion.planning.songs import RATE, by_id, stem_of, stems_of, track_of

TEMPO = Match(MatchMode.TEMPO)
BOTH = Match(MatchMode.TEMPO_AND_KEY)
BAR_AT_120 = 2.0  # seconds


def _song(wish: Wish, *tracks: Track) -> Arrangement:
    return arrange(wish, by_id(*tracks), suggest(wish, by_id(*tracks), 1)[0])


def _at(voice: Voice, second: float) -> list[float]:
    """The frames at which a second of the source is heard."""
    found = []
    for piece in voice.pieces:
        for (frame, track), (after, then) in pairwise(piece.anchors):
            if track <= second < then:
                found.append(frame + (second - track) / (then - track) * (after - frame))
    return found


def _beats_of(voice: Voice, track: Track) -> list[tuple[int, float]]:
    return [(index, frame) for index, beat in enumerate(track.beats) for frame in _at(voice, beat)]


# Nothing matched


def test_stems_that_are_not_matched_are_copied_frame_by_frame() -> None:
    track = track_of("a", drift=0.02)
    song = _song(Wish(stems_of(track)), track)
    for voice in song.voices:
        assert voice.pieces[0].anchors == ((0, 0.0), (song.frames, song.frames / RATE))
        assert voice.cents == 0
    assert song.frames == round(track.seconds * RATE)
    assert song.grid is None


def test_a_stem_put_later_is_silent_before() -> None:
    track = track_of("a")
    song = _song(Wish((stem_of(track, "drums"), stem_of(track, "bass", start_seconds=1.5))), track)
    assert [voice.pieces[0].start for voice in song.voices] == [0, round(1.5 * RATE)]


def test_a_stem_put_earlier_moves_the_beginning_of_the_song() -> None:
    track = track_of("a")
    song = _song(Wish((stem_of(track, "drums"), stem_of(track, "bass", start_seconds=-1.5))), track)
    assert [voice.pieces[0].start for voice in song.voices] == [round(1.5 * RATE), 0]


def test_a_trim_keeps_its_place_beside_stems_that_play_through() -> None:
    track = track_of("a")
    song = _song(Wish((stem_of(track, "drums"), stem_of(track, "bass", trim=Span(10.0, 12.0)))), track)
    assert song.voices[1].pieces[0].anchors == ((10 * RATE, 10.0), (12 * RATE, 12.0))


def test_a_song_of_trims_begins_with_the_first_of_them() -> None:
    a, b = track_of("a"), track_of("b")
    song = _song(Wish((stem_of(a, "drums", trim=Span(10, 14)), stem_of(b, "bass", trim=Span(20, 23)))), a, b)
    assert [voice.pieces[0].anchors[0] for voice in song.voices] == [(0, 10.0), (0, 20.0)]
    assert song.frames == 4 * RATE


@pytest.mark.parametrize("speed", [0.5, 1.5, 2.0])
def test_speed_changes_how_long_a_track_lasts(speed: float) -> None:
    track = track_of("a")
    stems = tuple(stem_of(track, role, speed=speed) for role in ("drums", "bass"))
    song = _song(Wish(stems), track)
    assert song.frames == pytest.approx(track.seconds / speed * RATE, abs=1)
    assert song.voices[0].pieces == song.voices[1].pieces


def test_semitones_move_what_can_be_transposed() -> None:
    track = track_of("a")
    stems = tuple(stem_of(track, role, semitones=-3.0) for role in ("vocals", "drums", "bass", "residual"))
    assert [voice.cents for voice in _song(Wish(stems), track).voices] == [-300, 0, -300, 0]


@pytest.mark.parametrize(("loops", "turns"), [(1, 1), (3, 3), (0, 5)])
def test_loops(loops: int, turns: int) -> None:
    track = track_of("a", count=20)
    stems = (stem_of(track, "drums", trim=Span(1.0, 3.0), loops=loops), stem_of(track, "bass"))
    voice = _song(Wish(stems), track).voices[0]
    assert [piece.anchors[0] for piece in voice.pieces] == [
        (round((1 + 2 * turn) * RATE), 1.0) for turn in range(turns)
    ]


def test_a_loop_without_end_stops_with_the_song() -> None:
    track = track_of("a", count=20)
    song = _song(Wish((stem_of(track, "drums", trim=Span(0.0, 3.0), loops=0), stem_of(track, "bass"))), track)
    assert song.voices[0].pieces[-1].end == song.frames


# Tempo matched


@pytest.mark.parametrize("bpm", [96.0, 110.0, 131.0, 144.0, 62.0, 236.0])
@pytest.mark.parametrize("drift", [0.0, 0.01])
def test_beats_of_all_tracks_fall_together_to_the_end(bpm: float, drift: float) -> None:
    a, b = track_of("a", 120, count=200), track_of("b", bpm, count=200, drift=drift, jitter=0.003, first=1.7)
    song = _song(Wish(stems_of(a, b, roles=["drums"]), TEMPO), a, b)
    assert song.grid is not None
    beat = 60 / song.grid.bpm * song.sample_rate
    for voice, track in zip(song.voices, (a, b), strict=True):
        misses = [(frame - song.grid.offset) / beat * 2 for _, frame in _beats_of(voice, track)]
        assert max(abs(miss - round(miss)) * beat / 2 / RATE for miss in misses) < 0.0085


@pytest.mark.parametrize(("first", "other"), [(0, 0), (1, 3), (2, 1)])
def test_downbeats_fall_on_downbeats(first: int, other: int) -> None:
    a, b = track_of("a", 120, downbeat=first), track_of("b", 110, downbeat=other, drift=0.01)
    song = _song(Wish(stems_of(a, b, roles=["drums"]), TEMPO), a, b)
    assert song.grid is not None
    bar = 4 * 60 / song.grid.bpm * song.sample_rate
    for voice, track in zip(song.voices, (a, b), strict=True):
        bars = [
            (frame - song.grid.offset) / bar for index, frame in _beats_of(voice, track) if track.positions[index] == 1
        ]
        assert bars == pytest.approx([round(one) for one in bars], abs=0.005)


def test_the_song_begins_with_its_first_sound() -> None:
    a = track_of("a", 120, first=6.0, active={"drums": [(4.5, 60)], "vocals": [(8, 50)]})
    song = _song(Wish(stems_of(a, roles=["vocals", "drums"]), TEMPO), a)
    frame, second = song.voices[1].pieces[0].anchors[0]
    assert (frame, second) == pytest.approx((0, 4.45), abs=1e-3)
    assert song.grid is not None
    assert song.grid.offset / RATE == pytest.approx(1.55, abs=1e-3)


def test_a_residual_does_not_make_the_song_begin_in_silence() -> None:
    a = track_of("a", 120, first=6.0, active={"drums": [(5.0, 60)], "vocals": [(8, 50)]})
    song = _song(Wish(stems_of(a, roles=["vocals", "residual"]), TEMPO), a)
    assert song.voices[1].pieces[0].anchors[0][1] == pytest.approx(4.95, abs=1e-3)


def test_muting_moves_nothing() -> None:
    a, b = track_of("a", 120, key=Key(0, "major")), track_of("b", 100, key=Key(2, "minor"))
    stems = stems_of(a, b)
    muted = tuple(replace(stem, muted=stem.track_id == "b") for stem in stems)
    heard, half = (_song(Wish(one, BOTH), a, b) for one in (stems, muted))
    assert [voice.pieces for voice in heard.voices] == [voice.pieces for voice in half.voices]
    assert [voice.muted for voice in half.voices] == [False] * 4 + [True] * 4


def test_stems_of_one_track_share_their_anchors() -> None:
    a, b = track_of("a", 120, drift=0.01), track_of("b", 100)
    song = _song(Wish(stems_of(a, b), TEMPO), a, b)
    assert len({voice.pieces for voice in song.voices}) == 2


def test_a_track_that_is_not_stretched_is_copied() -> None:
    a, b = track_of("a", 120), track_of("b", 100)
    song = _song(Wish((stem_of(a, "drums"), stem_of(a, "other"), stem_of(b, "bass")), TEMPO), a, b)
    (piece,) = song.voices[0].pieces
    (start, second), (end, last) = piece.anchors
    assert end - start == pytest.approx((last - second) * RATE, abs=1e-6)
    assert second * RATE == pytest.approx(round(second * RATE), abs=1e-6)


def test_drums_are_never_transposed_by_matching() -> None:
    a, b = track_of("a", key=Key(0, "major")), track_of("b", key=Key(2, "minor"), tuning=20.0)
    song = _song(Wish(stems_of(a, b), BOTH), a, b)
    cents = {voice.source: voice.cents for voice in song.voices}
    assert cents["a/drums"] == cents["b/drums"] == 0
    assert cents["a/bass"] - cents["b/bass"] != 0


def test_vocals_keep_their_vowels_when_they_are_moved_far() -> None:
    track = track_of("a")
    stems = tuple(stem_of(track, role, semitones=2.0) for role in ("vocals", "bass"))
    assert [voice.keep_formants for voice in _song(Wish(stems), track).voices] == [True, False]


@pytest.mark.parametrize("trim", [Span(4.3, 12.7), Span(4.5, 12.5), Span(3.8, 13.1)])
def test_trims_are_moved_to_bars(trim: Span) -> None:
    track = track_of("a", 120)
    song = _song(Wish((stem_of(track, "drums", trim=trim),), TEMPO), track)
    assert song.voices[0].pieces[0].anchors == ((0, 4.5), (8 * RATE, 12.5))


def test_a_trim_shorter_than_a_bar_becomes_one() -> None:
    track = track_of("a", 120)
    song = _song(Wish((stem_of(track, "drums", trim=Span(4.6, 5.1)),), TEMPO), track)
    assert song.frames == BAR_AT_120 * RATE


def test_matched_loops_last_whole_bars() -> None:
    a, b = track_of("a", 120), track_of("b", 100, drift=0.01)
    wish = Wish(
        (stem_of(a, "drums"), stem_of(b, "bass", trim=Span(5, 9.8), loops=4)), Match(MatchMode.TEMPO, Target(120.0))
    )
    voice = _song(wish, a, b).voices[1]
    gaps = {later.start - earlier.start for earlier, later in pairwise(voice.pieces)}
    assert gaps == {2 * BAR_AT_120 * RATE}


def test_starts_are_moved_to_beats() -> None:
    track = track_of("a", 120)
    song = _song(Wish((stem_of(track, "drums"), stem_of(track, "bass", start_seconds=4.1)), TEMPO), track)
    assert song.voices[1].pieces[0].start - song.voices[0].pieces[0].start == 4 * RATE


# Lengths


@pytest.mark.parametrize(("length", "count"), [(Length.LONGEST, 128), (Length.SHORTEST, 64)])
def test_the_song_is_as_long_as_its_longest_or_shortest_track(length: Length, count: int) -> None:
    a, b = track_of("a", 120, count=128), track_of("b", 120, count=64)
    song = _song(Wish(stems_of(a, b, roles=["bass"]), TEMPO, length), a, b)
    assert song.frames == pytest.approx((0.5 + count / 2) * RATE, abs=2)


@pytest.mark.parametrize(
    ("length", "loops", "longer"),
    [(Length.LONGEST, 1, 2.02), (Length.SHORTEST, 1, 0.0), (Length.LONGEST, 0, 0.0)],
)
def test_a_room_rings_out_after_the_longest_stem(length: Length, loops: int, longer: float) -> None:
    track = track_of("a")
    hall = stem_of(track, "vocals", effects=Effects(reverb=Reverb(2.0, 0.3, predelay_ms=20)))
    song = _song(Wish((hall, stem_of(track, "drums", loops=loops)), length=length), track)
    assert song.frames == pytest.approx(round((track.seconds + longer) * RATE), abs=1)
    assert song.voices[0].pieces[-1].end == round(track.seconds * RATE)


@pytest.mark.parametrize("bars", [1, 7, 40])
def test_the_song_has_as_many_bars_as_asked_after_its_pick_up(bars: int) -> None:
    a, b = track_of("a", 120, downbeat=1, count=64), track_of("b", 120)
    song = _song(Wish(stems_of(a, b, roles=["bass"]), TEMPO, Length.BARS, bars), a, b)
    assert song.grid is not None
    assert song.frames - song.grid.offset == pytest.approx(bars * BAR_AT_120 * RATE, abs=2)
    assert all(voice.pieces[-1].end <= song.frames for voice in song.voices)


def test_fades_are_no_longer_than_what_is_heard() -> None:
    track = track_of("a", count=8)
    song = _song(Wish((stem_of(track, "bass", fade_in_seconds=2.0, fade_out_seconds=99.0),)), track)
    assert (song.voices[0].fade_in_frames, song.voices[0].fade_out_frames) == (2 * RATE, song.frames)


@pytest.mark.parametrize(
    ("rates", "wished", "rate"),
    [((44_100, 44_100), None, 44_100), ((44_100, 96_000), None, 48_000), ((8000,), 96_000, 96_000)],
)
def test_the_sample_rate(rates: Sequence[int], wished: int | None, rate: int) -> None:
    track = track_of("a")
    stems = tuple(
        replace(stem_of(track, role), sample_rate=one) for role, one in zip(("bass", "drums"), rates, strict=False)
    )
    song = _song(Wish(stems, sample_rate=wished), track)
    assert (song.sample_rate, song.frames) == (rate, round(track.seconds * rate))


def test_voices_of_one_role_are_numbered() -> None:
    a, b = track_of("a"), track_of("b")
    song = _song(Wish((stem_of(a, "bass"), stem_of(b, "bass"), stem_of(b, "drums"))), a, b)
    assert [voice.name for voice in song.voices] == ["bass 1", "bass 2", "drums"]


# What cannot be


def _refusal(wish: Wish, *tracks: Track) -> PlanError:
    with pytest.raises(PlanError) as refused:
        _song(wish, *tracks)
    assert refused.value.message.endswith(".")
    return refused.value


def _drums(**wanted: object) -> StemWish:
    return stem_of(track_of("a"), "drums", **wanted)


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        (Wish(()), "NO_STEMS"),
        (Wish((_drums(),) * 65), "TOO_MANY_STEMS"),
        (Wish((_drums(speed=0.4),)), "VALUE_OUT_OF_RANGE"),
        (Wish((_drums(semitones=13.0),)), "VALUE_OUT_OF_RANGE"),
        (Wish((_drums(gain_db=float("nan")),)), "VALUE_OUT_OF_RANGE"),
        (Wish((_drums(loops=-1),)), "VALUE_OUT_OF_RANGE"),
        (Wish((_drums(),), sample_rate=1), "VALUE_OUT_OF_RANGE"),
        (Wish((replace(_drums(), seconds=0.0),)), "STEM_EMPTY"),
        (Wish((_drums(trim=Span(9, 8)),)), "TRIM_EMPTY"),
        (Wish((_drums(trim=Span(900, 990)),)), "TRIM_EMPTY"),
        (Wish((_drums(trim=Span(0, 0.01)),)), "TRIM_EMPTY"),
        (Wish((_drums(),), TEMPO, Length.BARS), "BARS_OUT_OF_RANGE"),
        (Wish((_drums(),), TEMPO, Length.BARS, -4), "BARS_OUT_OF_RANGE"),
        (Wish((_drums(),), TEMPO, Length.BARS, 1801), "SONG_TOO_LONG"),
        (Wish((_drums(),), Match(), Length.BARS, 8), "BARS_NEED_BEATS"),
        (Wish((_drums(loops=1000),)), "SONG_TOO_LONG"),
        (Wish((_drums(loops=0),)), "LOOPS_WITHOUT_END"),
        (Wish((_drums(),), Match(target=Target(120.0))), "TARGET_WITHOUT_MATCH"),
        (Wish((_drums(),), Match(MatchMode.TEMPO, Target(key=Key(0, "major")))), "KEY_NOT_MATCHED"),
        (Wish((_drums(),), Match(MatchMode.TEMPO, Target(120.0, "a"))), "TARGET_CONTRADICTORY"),
        (Wish((_drums(),), Match(MatchMode.FULL, Target(key=Key(0, "major"), key_of="a"))), "TARGET_CONTRADICTORY"),
        (Wish((_drums(),), Match(MatchMode.TEMPO, Target(20.0))), "TARGET_TEMPO_OUT_OF_RANGE"),
        (Wish((_drums(),), Match(MatchMode.TEMPO, Target(400.0))), "TARGET_TEMPO_OUT_OF_RANGE"),
        (Wish((_drums(),), Match(MatchMode.FULL, Target(key=Key(12, "major")))), "TARGET_KEY_INVALID"),
        (Wish((_drums(),), Match(MatchMode.TEMPO, Target(tempo_of="z"))), "TARGET_TRACK_UNKNOWN"),
        (Wish((_drums(),), Match(MatchMode.FULL, Target(key_of="a"))), "TARGET_TRACK_WITHOUT_KEY"),
    ],
)
def test_what_contradicts_itself_or_is_impossible_is_refused_by_name(wish: Wish, code: str) -> None:
    assert _refusal(wish, track_of("a")).code == code


def test_the_tempo_of_a_track_without_beats_is_no_target() -> None:
    a, b = track_of("a"), replace(track_of("b"), beats=(), positions=())
    wish = Wish(stems_of(a, b), Match(MatchMode.TEMPO, Target(tempo_of="b")))
    assert _refusal(wish, a, b).code == "TARGET_TRACK_WITHOUT_TEMPO"


def test_bars_of_tracks_without_beats_are_refused() -> None:
    a = replace(track_of("a"), beats=(), positions=())
    assert _refusal(Wish(stems_of(a), TEMPO, Length.BARS, 8), a).code == "BARS_NEED_BEATS"


def test_a_speed_beyond_what_can_be_stretched_is_refused() -> None:
    track = track_of("a", 50)
    wish = Wish((stem_of(track, "drums", speed=2.0),), Match(MatchMode.TEMPO, Target(240.0)))
    assert _refusal(wish, track).code == "SPEED_OUT_OF_REACH"


def test_a_stem_that_begins_after_the_song_has_ended_is_not_heard() -> None:
    track = track_of("a")
    stems = (stem_of(track, "drums"), stem_of(track, "bass", start_seconds=100.0))
    assert _song(Wish(stems, length=Length.SHORTEST), track).voices[1].pieces == ()


def test_a_song_that_would_end_before_its_first_sound_is_refused() -> None:
    a = track_of("a", active={"drums": [(50, 60)]})
    b = track_of("b", count=16, active={"drums": []})
    assert _refusal(Wish(stems_of(a, b, roles=["drums"]), TEMPO, Length.SHORTEST), a, b).code == "SONG_EMPTY"


def test_sixty_four_stems_are_allowed() -> None:
    tracks = [track_of(f"t{index}", 90 + index, count=64, key=Key(index % 12, "minor")) for index in range(16)]
    assert len(_song(Wish(stems_of(*tracks), BOTH), *tracks).voices) == 64
