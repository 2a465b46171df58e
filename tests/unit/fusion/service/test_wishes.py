"""What is asked for in the contract's words is what planning is asked for."""

import math
from pathlib import Path
from typing import Any

import pytest
from puremusic.fusion.v1 import fusion_pb2 as pb
from puremusic.separation.v1 import separation_pb2

from chassis.errors import InvalidInput
from services.fusion import limits, outputs, voicing, wishes
from services.fusion.mixing.arrangement import Arrangement, Band, Compressor, Delay, Effects, Mastering, Reverb
from services.fusion.mixing.effects import PRESETS, RANGES, check_effects
from services.fusion.mixing.planning.material import Key, Span
from services.fusion.mixing.planning.wish import Arrange, Length, Match, MatchMode, StemWish, Target, Wish
from services.fusion.mixing.receipts import Receipt
from services.fusion.mixing.rendering import DEFAULT_ENCODINGS, Encoding, Format, Tags

STEM = separation_pb2.Stem(
    stem_id="s", track_id="t", type=separation_pb2.STEM_TYPE_VOCALS, frames=441_000, sample_rate=44_100
)
OTHER = separation_pb2.Stem(
    stem_id="o", track_id="u", type=separation_pb2.STEM_TYPE_DRUMS, frames=48_000, sample_rate=48_000
)
NOTHING_YET = Receipt(Arrangement(44_100, 1, ()), {})


def stem(**chosen: Any) -> StemWish:
    """The wish for one stem."""
    request = pb.CreateFusionRequest(stems=[pb.SelectedStem(**chosen)])
    return wishes.to_wish(request, [STEM], pb.Output()).stems[0]


def refused(message: Any) -> tuple[str, str]:
    """Reason and field for which a message is refused."""
    with pytest.raises(InvalidInput) as error:
        limits.check(message)
    return error.value.reason, error.value.metadata["setting"]


def test_a_request_with_faders_alone_wishes_for_nothing_else() -> None:
    request = pb.CreateFusionRequest(stems=[pb.SelectedStem(gain_db=-3, pan=0.5), pb.SelectedStem(mute=True)])
    assert wishes.to_wish(request, [STEM, OTHER], request.output) == Wish(
        (
            StemWish("s", "t", "vocals", 10.0, 44_100, gain_db=-3, pan=0.5),
            StemWish("o", "u", "drums", 1.0, 48_000, muted=True),
        )
    )


def test_all_of_a_wish_arrives() -> None:
    request = pb.CreateFusionRequest(
        stems=[pb.SelectedStem()],
        match=pb.Match(
            mode=pb.MATCH_MODE_FULL,
            bpm=97.5,
            target_key=pb.Key(tonic=6, mode=pb.KEY_MODE_MINOR),
            arrange=pb.ARRANGE_MODE_AUTOMATIC,
        ),
        length=pb.Length(policy=pb.LENGTH_POLICY_BARS, bars=32),
        output=pb.Output(sample_rate=96_000, loudness_lufs=-9.5, true_peak_dbtp=0),
    )
    wish = wishes.to_wish(request, [STEM], request.output)
    assert wish.match == Match(MatchMode.FULL, Target(bpm=97.5, key=Key(6, "minor")), Arrange.AUTOMATIC)
    assert (wish.length, wish.bars, wish.sample_rate) == (Length.BARS, 32, 96_000)
    assert wish.mastering == Mastering(-9.5, 0.0)


def test_a_target_may_be_that_of_a_track() -> None:
    match = pb.Match(mode=pb.MATCH_MODE_TEMPO_AND_KEY, tempo_track_id="t", key_track_id="u")
    wish = wishes.to_wish(pb.CreateFusionRequest(stems=[pb.SelectedStem()], match=match), [STEM], pb.Output())
    assert wish.match.target == Target(tempo_of="t", key_of="u")


@pytest.mark.parametrize(
    ("chosen", "wished"),
    [
        ({"trim": pb.Trim(start_seconds=2)}, {"trim": Span(2.0, 10.0)}),
        ({"trim": pb.Trim(start_seconds=2, end_seconds=4)}, {"trim": Span(2.0, 4.0)}),
        ({"loops": 3}, {"loops": 3}),
        ({"loop_to_end": True}, {"loops": 0}),
        ({"start_offset_seconds": -1.5}, {"start_seconds": -1.5}),
        ({"fade_in_seconds": 1, "fade_out_seconds": 2}, {"fade_in_seconds": 1.0, "fade_out_seconds": 2.0}),
        ({"speed": 0.5, "semitones": -12}, {"speed": 0.5, "semitones": -12.0}),
        ({"low_cut_hz": 80, "high_cut_hz": 9000}, {"effects": Effects(80.0, 9000.0)}),
    ],
)
def test_a_stem_is_heard_as_it_was_set(chosen: dict[str, Any], wished: dict[str, Any]) -> None:
    assert stem(**chosen) == StemWish("s", "t", "vocals", 10.0, 44_100, **wished)


def test_solo_mutes_the_others_and_mute_wins() -> None:
    chosen = [pb.SelectedStem(solo=True), pb.SelectedStem(), pb.SelectedStem(solo=True, mute=True)]
    request = pb.CreateFusionRequest(stems=chosen)
    wish = wishes.to_wish(request, [STEM] * 3, pb.Output())
    assert [each.muted for each in wish.stems] == [False, True, True]


def test_what_is_said_of_effects_holds_over_their_preset() -> None:
    asked = pb.Effects(
        preset="clean_vocal",
        bands=[pb.Band(shape=pb.BAND_SHAPE_HIGH_SHELF, frequency_hz=8000, gain_db=3)],
        delay=pb.Delay(seconds=0.25, mix=0.5),
        reverb=pb.Reverb(seconds=2, mix=0.25, predelay_ms=0),
    )
    effects = stem(effects=asked).effects
    preset = stem(effects=pb.Effects(preset="clean_vocal")).effects
    assert effects.bands == (Band("high_shelf", 8000.0, 3.0),)
    assert (effects.delay, effects.reverb) == (Delay(0.25, 0.0, 0.5), Reverb(2.0, 0.25, 0.0))
    assert (effects.low_cut_hz, effects.compressor) == (preset.low_cut_hz, preset.compressor)
    assert stem(effects=pb.Effects(compressor=pb.Compressor(threshold_db=-20))).effects.compressor == Compressor(-20, 4)


def test_every_preset_is_in_the_contract_by_its_name() -> None:
    contract = (Path(__file__).parents[4] / "protos/puremusic/fusion/v1/fusion.proto").read_text(encoding="utf-8")
    assert [name for name in PRESETS if f"`{name}`" not in contract] == []


def test_too_many_bands_are_refused() -> None:
    bands = [pb.Band(shape=pb.BAND_SHAPE_PEAK, frequency_hz=100)] * (voicing.MAX_BANDS + 1)
    with pytest.raises(InvalidInput, match="8 bands"):
        stem(effects=pb.Effects(bands=bands))


@pytest.mark.parametrize(
    ("message", "field"),
    [
        (pb.SelectedStem(speed=0.49), "speed"),
        (pb.SelectedStem(speed=math.nan), "speed"),
        (pb.SelectedStem(semitones=12.5), "semitones"),
        (pb.SelectedStem(low_cut_hz=0), "low_cut_hz"),
        (pb.SelectedStem(effects=pb.Effects(bands=[pb.Band(shape=pb.BAND_SHAPE_PEAK)])), "frequency_hz"),
        (pb.SelectedStem(effects=pb.Effects(reverb=pb.Reverb(mix=0.5))), "seconds"),
        (pb.CreateFusionRequest(stems=[pb.SelectedStem(), pb.SelectedStem(loops=1001)]), "loops"),
        (pb.CreateFusionRequest(output=pb.Output(true_peak_dbtp=0.1)), "true_peak_dbtp"),
        (pb.CreateFusionRequest(choice=11), "choice"),
        (pb.SuggestFusionRequest(count=-1), "count"),
        (pb.Preview(duration_seconds=math.inf), "duration_seconds"),
    ],
)
def test_numbers_out_of_their_range_are_named(message: Any, field: str) -> None:
    assert refused(message) == ("SETTING_OUT_OF_RANGE", field)


def test_what_is_left_out_is_in_range() -> None:
    limits.check(pb.CreateFusionRequest(stems=[pb.SelectedStem()], preview=pb.Preview(), output=pb.Output()))


def test_every_limit_is_of_a_field_and_no_wider_than_what_effects_can_do() -> None:
    messages = pb.DESCRIPTOR.message_types_by_name
    for name, fields in limits.LIMITS.items():
        for field in fields:
            assert field in messages[name].fields_by_name
    for name in ("Band", "Compressor", "Delay", "Reverb"):
        for field, limit in limits.LIMITS[name].items():
            assert RANGES[f"{name.lower()}.{field}"] == limit[:2]
    check_effects(stem(effects=pb.Effects(compressor=pb.Compressor(), reverb=pb.Reverb(seconds=1))).effects)


def test_files_are_as_asked_or_as_usual() -> None:
    asked = [
        pb.Encoding(format=pb.FUSION_FORMAT_WAV, bits=16),
        pb.Encoding(format=pb.FUSION_FORMAT_MP3, quality=0),
        pb.Encoding(format=pb.FUSION_FORMAT_OPUS, bitrate_kbps=96),
        pb.Encoding(format=pb.FUSION_FORMAT_STEM_MP4),
    ]
    receipt = outputs.with_files(NOTHING_YET, asked)
    assert receipt.encodings == (
        Encoding(Format.WAV, bits=16),
        Encoding(Format.MP3, quality=0),
        Encoding(Format.OPUS, bitrate_kbps=96),
    )
    assert (receipt.stems_zip, receipt.stem_mp4) == (False, True)
    assert outputs.with_files(NOTHING_YET, []).encodings == DEFAULT_ENCODINGS


def test_tags_are_kept_beside_those_that_a_song_has() -> None:
    receipt = outputs.with_tags(NOTHING_YET, pb.Tags(artist="Ada", comment="For B."))
    assert receipt.tags == Tags(artist="Ada", comment="For B.")
    with pytest.raises(InvalidInput) as error:
        outputs.with_tags(NOTHING_YET, pb.Tags(album="x" * 201))
    assert error.value.reason == "TAG_TOO_LONG"
