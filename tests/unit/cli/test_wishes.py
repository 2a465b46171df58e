"""What is typed about a fusion is what the API is asked."""

import pytest
from puremusic.fusion.v1 import fusion_pb2 as pb

from cli import wishes
from cli.stem_expressions import Choice, ExpressionError
from cli.wishes import Matched, MatchWords, OutputWords
from tests.unit.cli.scripted import Script

SONG = "1f070f0e-0000-4000-8000-000000000001"


async def match(words: MatchWords) -> pb.Match | None:
    """What the API is asked; every name is a whole id here."""
    return await wishes.match_of(Script().api(), words)


async def test_nothing_said_is_nothing_asked() -> None:
    assert await match(MatchWords()) is None
    assert wishes.length_of("") is None
    assert wishes.output_of(OutputWords()) is None
    assert wishes.preview_of("") is None
    assert wishes.stem_of(Choice("a", "vocals")) == pb.SelectedStem()


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        (MatchWords(Matched.FULL), pb.Match(mode=pb.MATCH_MODE_FULL)),
        (MatchWords(bpm=128), pb.Match(mode=pb.MATCH_MODE_TEMPO, bpm=128)),
        (MatchWords(tempo_of=SONG), pb.Match(mode=pb.MATCH_MODE_TEMPO, tempo_track_id=SONG)),
        (MatchWords(key_of=SONG), pb.Match(mode=pb.MATCH_MODE_TEMPO_AND_KEY, key_track_id=SONG)),
        (
            MatchWords(Matched.FULL, key="Bbm", arrange=True),
            pb.Match(
                mode=pb.MATCH_MODE_FULL,
                target_key=pb.Key(tonic=10, mode=pb.KEY_MODE_MINOR),
                arrange=pb.ARRANGE_MODE_AUTOMATIC,
            ),
        ),
    ],
)
async def test_a_target_alone_says_how_far_to_match(words: MatchWords, asked: pb.Match) -> None:
    assert await match(words) == asked


@pytest.mark.parametrize(
    ("word", "asked"),
    [
        ("wav", pb.Encoding(format=pb.FUSION_FORMAT_WAV)),
        ("flac:16", pb.Encoding(format=pb.FUSION_FORMAT_FLAC, bits=16)),
        ("mp3:320", pb.Encoding(format=pb.FUSION_FORMAT_MP3, bitrate_kbps=320)),
        ("mp3:v0", pb.Encoding(format=pb.FUSION_FORMAT_MP3, quality=0)),
        ("ogg:q9", pb.Encoding(format=pb.FUSION_FORMAT_OGG, quality=9)),
        ("opus:96", pb.Encoding(format=pb.FUSION_FORMAT_OPUS, bitrate_kbps=96)),
        ("zip", pb.Encoding(format=pb.FUSION_FORMAT_STEMS_ZIP)),
    ],
)
def test_a_file_is_its_ending_and_how_good_it_is(word: str, asked: pb.Encoding) -> None:
    assert wishes.encodings([word]) == [asked]
    assert wishes.encodings([f"{word},wav", "flac"])[0] == asked


def test_loudness_is_a_number_or_none() -> None:
    assert wishes.output_of(OutputWords(loudness="-9.5", peak=-2)) == pb.Output(loudness_lufs=-9.5, true_peak_dbtp=-2)
    assert wishes.output_of(OutputWords(loudness="none")) == pb.Output(unmastered=True)


def test_a_preview_is_where_it_begins_and_how_long() -> None:
    assert wishes.preview_of("30") == pb.Preview(start_seconds=30)
    assert wishes.preview_of("12.5s+10s") == pb.Preview(start_seconds=12.5, duration_seconds=10)


def test_a_length_is_a_word_or_bars() -> None:
    assert wishes.length_of("shortest") == pb.Length(policy=pb.LENGTH_POLICY_SHORTEST)
    assert wishes.length_of("32") == pb.Length(policy=pb.LENGTH_POLICY_BARS, bars=32)


@pytest.mark.parametrize(
    ("read", "word"),
    [
        (wishes.length_of, "long"),
        (wishes.preview_of, "soon"),
        (lambda word: wishes.encodings([word]), "aiff"),
        (lambda word: wishes.encodings([word]), "mp3:loud"),
        (lambda word: wishes.output_of(OutputWords(loudness=word)), "loud"),
    ],
)
def test_what_makes_no_sense_is_named(read: object, word: str) -> None:
    assert callable(read)
    with pytest.raises(ExpressionError, match=word):
        read(word)
