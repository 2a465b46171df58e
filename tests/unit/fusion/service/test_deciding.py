"""What is decided when a fusion is asked for, and what is refused."""

from dataclasses import replace

import pytest

from chassis.errors import InvalidInput, NotFound
from services.fusion import deciding, fusions
from services.fusion.mixing.arrangement import Arrangement
from services.fusion.mixing.planning.material import StemFacts, Track
from services.fusion.mixing.planning.wish import Match, MatchMode, StemWish, Target, Wish
from services.fusion.store import RenderedFile, Result

SONG = Arrangement(1000, 5000, ())
FILES = (RenderedFile("flac", 1, "a"), RenderedFile("wav", 2, "b"))
RESULT = Result(1.0, 1, 1, None, None, 0.0, FILES)
TWO = Wish((StemWish("s", "t", "vocals", 4.0, 44_100), StemWish("o", "u", "vocals", 4.0, 44_100, gain_db=10.0)))


@pytest.mark.parametrize(
    ("start", "seconds", "frames"), [(0, 2, (0, 2000)), (4.5, 15, (4500, 5000)), (1.2344, 0.001, (1234, 1235))]
)
def test_a_preview_lies_within_the_song(start: float, seconds: float, frames: tuple[int, int]) -> None:
    assert deciding.window(SONG, start, seconds) == frames


@pytest.mark.parametrize("start", [5, 4.9999, 3600])
def test_a_preview_after_the_end_is_refused(start: float) -> None:
    with pytest.raises(InvalidInput) as refused:
        deciding.window(SONG, start, 1.0)
    assert (refused.value.reason, refused.value.metadata) == ("PREVIEW_OUT_OF_RANGE", {"song_seconds": "5.0"})


def test_a_plan_that_is_impossible_is_refused_with_its_own_words() -> None:
    wish = replace(TWO, match=Match(MatchMode.TEMPO, Target(bpm=20)))
    with pytest.raises(InvalidInput, match="20") as refused:
        deciding.decided(wish, deciding.unheard(wish), 1)
    assert (refused.value.reason, refused.value.metadata) == ("TARGET_TEMPO_OUT_OF_RANGE", {"bpm": "20"})


def test_balance_moves_tracks_towards_each_other_under_the_users_gains() -> None:
    tracks = {
        "t": Track("t", 4.0, stems={"vocals": StemFacts(-14.0)}),
        "u": Track("u", 4.0, stems={"vocals": StemFacts(-20.0)}),
    }
    gains = deciding.balance(TWO, tracks)
    assert gains == {"t": -3.0, "u": 3.0}
    assert [stem.gain_db for stem in deciding.with_gains(TWO, gains).stems] == [-3.0, 12.0]


def test_without_a_wish_the_wav_is_fetched_or_what_is_first() -> None:
    assert fusions.file_of(RESULT, "").format == "wav"
    assert fusions.file_of(replace(RESULT, files=FILES[:1]), "").format == "flac"
    with pytest.raises(NotFound, match="it is there as flac, wav") as refused:
        fusions.file_of(RESULT, "mp3")
    assert refused.value.reason == "FORMAT_NOT_RENDERED"
