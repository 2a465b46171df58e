"""Section by section."""

from __future__ import annotations

from itertools import pairwise

import pytest

from services.fusion.mixing.arrangement import Arrangement
from services.fusion.mixing.planning import Plan, arrange, suggest
from services.fusion.mixing.planning.forms import partners
from services.fusion.mixing.planning.material import Span, Track
from services.fusion.mixing.planning.wish import Match, MatchMode, StemWish, Wish
from tests.unit.fusion.planning.songs import by_id, stem_of, track_of

FULL = Match(MatchMode.FULL)


@pytest.mark.parametrize(
    ("leader", "follower", "chosen"),
    [
        ("ABAB", "ABAB", [0, 1, 2, 3]),
        ("ABAB", "XY", [0, 1, 0, 1]),
        ("AABA", "XYXZ", [0, 2, 1, 0]),
        ("ABC", "X", [0, 0, 0]),
        ("AB", "XXXY", [0, 3]),
        ("AAAA", "XYX", [0, 2, 0, 2]),
    ],
)
def test_each_kind_of_section_is_accompanied_by_one_kind(leader: str, follower: str, chosen: list[int]) -> None:
    assert partners(leader, follower) == chosen


def _song(*tracks: Track, stems: tuple[StemWish, ...] = ()) -> tuple[Arrangement, Plan]:
    roles = ("vocals", "drums", "bass")
    wish = Wish(stems or tuple(stem_of(track, role) for track, role in zip(tracks, roles, strict=False)), FULL)
    plan = suggest(wish, by_id(*tracks), 1)[0]
    return arrange(wish, by_id(*tracks), plan), plan


def test_sections_of_the_followers_begin_with_those_of_the_leader() -> None:
    singer, band = track_of("a", 120, labels="ABAB"), track_of("b", 120, count=96, labels="XY")
    song, plan = _song(singer, band)
    assert plan.leader == "a"
    leads, follows = song.voices
    assert len(leads.pieces) == 1
    starts = [(round(piece.start / song.sample_rate, 3), round(piece.anchors[0][1], 3)) for piece in follows.pieces]
    assert starts == [(0.5, 0.5), (16.5, 24.5), (32.5, 0.5), (48.5, 24.5)]


def test_a_section_begins_again_when_it_is_too_short() -> None:
    singer, band = track_of("a", 120, labels="AB"), track_of("b", 120, count=48, labels="XY")
    song, _ = _song(singer, band)
    starts = [round(piece.anchors[0][1], 3) for piece in song.voices[1].pieces]
    assert starts == [0.5, 0.5, 0.5, 12.5, 12.5, 12.5]
    assert all(
        later.start - earlier.start <= 12 * song.sample_rate for earlier, later in pairwise(song.voices[1].pieces)
    )


def test_sections_of_one_length_are_played_without_a_seam() -> None:
    song, _ = _song(track_of("a", 120, labels="ABAB"), track_of("b", 110, drift=0.01, labels="CDCD"))
    assert len(song.voices[1].pieces) == 1


def test_what_is_trimmed_goes_its_own_way() -> None:
    singer, band = track_of("a", 120, labels="AB"), track_of("b", 120, labels="XY")
    stems = (stem_of(singer, "vocals"), stem_of(band, "drums"), stem_of(band, "bass", trim=Span(4.5, 12.5)))
    song, _ = _song(singer, band, stems=stems)
    assert [piece.anchors[0][1] for piece in song.voices[2].pieces] == [4.5]


def test_without_sections_tracks_play_through_and_the_plan_says_so() -> None:
    song, plan = _song(track_of("a", 120, labels="AB"), track_of("b", 120))
    assert plan.leader is None
    assert "NO_SECTIONS" in {note.code for note in plan.warnings}
    assert all(len(voice.pieces) == 1 for voice in song.voices)


def test_the_track_that_sings_leads() -> None:
    band, singer = track_of("b", 120, labels="XY"), track_of("a", 120, labels="AB")
    _, plan = _song(band, singer, stems=(stem_of(band, "drums"), stem_of(singer, "vocals")))
    assert plan.leader == "a"
