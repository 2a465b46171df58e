"""Whatever is wrong with a file, its uploader is told, and nothing is left behind."""

import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest

from services.ingest.decoding import Limits, Reason, Rejected, decode
from services.ingest.decoding.rejection import SENTENCES, spoken_duration
from tests.unit.ingest.recordings import RATE, converted, cut, patched, tones, written


async def _rejection(path: Path, into: Path, limits: Limits | None = None) -> Rejected:
    with pytest.raises(Rejected) as caught:
        await decode(path, into, limits)
    assert not list(into.iterdir())
    return caught.value


async def test_an_empty_file(tmp_path: Path, into: Path) -> None:
    path = tmp_path / "a.mp3"
    path.touch()
    assert (await _rejection(path, into)).reason is Reason.EMPTY


@pytest.mark.parametrize(
    ("content", "reason", "words"),
    [
        (b"These are the words of my song.\n" * 50, Reason.NOT_AUDIO, "contains text"),
        ("Gr\u00fc\u00dfe, \u97f3\u697d\n".encode() * 50, Reason.NOT_AUDIO, "contains text"),
        ("text with a mark".encode("utf-16"), Reason.NOT_AUDIO, "no audio"),
        (b"x", Reason.NOT_AUDIO, "text"),
        (b"\xff", Reason.NOT_AUDIO, "no audio"),
        (bytes(100_000), Reason.NOT_AUDIO, "no audio"),
        (b"\xff" * 300_000, Reason.NOT_AUDIO, "no audio"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), Reason.NOT_AUDIO, "PNG"),
        (b"\xff\xd8\xff\xe0" + bytes(100), Reason.NOT_AUDIO, "JPEG"),
        (b"%PDF-1.7" + bytes(100), Reason.NOT_AUDIO, "PDF"),
        (b"\0\0\0\x18ftypheic" + bytes(100), Reason.NOT_AUDIO, "picture"),
        (b"ID3\x04\0\0\0\0\0\x0a" + bytes(1000), Reason.NOT_AUDIO, "no audio"),
        (b"\x1a\x45\xdf\xa3" + bytes(100), Reason.UNSUPPORTED_FORMAT, "WebM"),
        (b"MThd\0\0\0\6" + bytes(100), Reason.UNSUPPORTED_FORMAT, "MIDI"),
        (b"#EXTM3U\nhttp://localhost/secret\n", Reason.UNSUPPORTED_FORMAT, "playlist"),
        (b"RIFF", Reason.NOT_AUDIO, "text"),
        (b"RIFF\x24\0\0\0WAVE", Reason.TRUNCATED, "breaks off"),
        (b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\1\0", Reason.TRUNCATED, "breaks off"),
        (b"RIFF\x24\0\0\0WAVE" + b"\xaa" * 500, Reason.TRUNCATED, "breaks off"),
        (b"OggS" + bytes(500), Reason.UNSUPPORTED_FORMAT, "nothing in it"),
        (b"OggS", Reason.TRUNCATED, "breaks off"),
        (b"fLaC" + bytes(500), Reason.DECODER_FAILED, "damaged"),
        (b"FORM\0\0\1\0AIFF" + bytes(500), Reason.DECODER_FAILED, "damaged"),
        (b"\0\0\0\x10ftypM4A \0\0\0\0", Reason.DECODER_FAILED, "damaged"),
        (b"\0\0\0\x10ftypM4A \0\0\0\0" + b"\xff" * 200, Reason.TRUNCATED, "breaks off"),
    ],
)
async def test_what_is_no_song(tmp_path: Path, into: Path, content: bytes, reason: Reason, words: str) -> None:
    path = tmp_path / "a.mp3"
    path.write_bytes(content)
    rejected = await _rejection(path, into)
    assert rejected.reason is reason, rejected
    assert words in rejected.message


async def test_an_archive(tmp_path: Path, into: Path) -> None:
    path = tmp_path / "a.mp3"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("song.mp3", "la la la")
    rejected = await _rejection(path, into)
    assert (rejected.reason, "ZIP" in rejected.message) == (Reason.NOT_AUDIO, True)


@pytest.mark.parametrize("share", [0.02, 0.6, 0.97])
@pytest.mark.parametrize("name", ["a.wav", "a.aiff", "a.flac", "a.ogg", "a.mp3", "a.m4a", "fast.m4a"])
async def test_a_truncated_file(tmp_path: Path, into: Path, name: str, share: float) -> None:
    if name.endswith("m4a"):
        source = written(tmp_path / "source.wav", tones(5))
        path = converted(source, tmp_path / name, *(("-movflags", "+faststart") if name == "fast.m4a" else ()))
    else:
        path = written(tmp_path / name, tones(5))
    rejected = await _rejection(cut(path, share), into)
    assert rejected.reason is Reason.TRUNCATED, rejected
    assert "upload it again" in rejected.message


async def test_a_wav_header_that_claims_hours(tmp_path: Path, into: Path) -> None:
    path = written(tmp_path / "a.wav", tones(), subtype="PCM_16")
    at = path.read_bytes().index(b"data") + 4
    rejected = await _rejection(patched(path, (at, struct.pack("<I", 3 * 3600 * RATE * 4))), into)
    assert rejected.reason is Reason.TRUNCATED
    assert "only 1 second of 3 hours are there" in rejected.message


async def test_a_flac_header_that_claims_days(tmp_path: Path, into: Path) -> None:
    path = written(tmp_path / "a.flac", tones(), subtype="PCM_16")
    # STREAMINFO: the last 36 bits before the MD5 sum are the number of samples.
    data = path.read_bytes()
    claim = bytes((data[21] | 0x0F,)) + b"\xff\xff\xff\xff"
    assert (await _rejection(patched(path, (21, claim)), into)).reason is Reason.TRUNCATED


async def test_an_m4a_header_that_claims_hours(tmp_path: Path, into: Path) -> None:
    source = written(tmp_path / "a.wav", tones(), subtype="PCM_16")
    path = converted(source, tmp_path / "a.m4a")
    at = path.read_bytes().index(b"tkhd") + 4 + 20
    assert (await _rejection(patched(path, (at, struct.pack(">I", 7200 * 1000))), into)).reason is Reason.TRUNCATED


async def test_a_wav_that_was_never_finished(tmp_path: Path, into: Path) -> None:
    path = written(tmp_path / "a.wav", tones(), subtype="PCM_16")
    at = path.read_bytes().index(b"data") + 4
    assert (await _rejection(patched(path, (at, bytes(4))), into)).reason is Reason.TRUNCATED


async def test_no_channels(tmp_path: Path, into: Path) -> None:
    path = written(tmp_path / "a.wav", tones(), subtype="PCM_16")
    assert (await _rejection(patched(path, (22, b"\0\0")), into)).reason is Reason.NO_CHANNELS
    path = written(tmp_path / "a.aiff", tones(), subtype="PCM_16")
    at = path.read_bytes().index(b"COMM") + 8
    assert (await _rejection(patched(path, (at, b"\0\0")), into)).reason is Reason.NO_CHANNELS


@pytest.mark.parametrize("channels", [3, 9])
async def test_too_many_channels(tmp_path: Path, into: Path, channels: int) -> None:
    path = written(tmp_path / "a.wav", tones(channels=channels), subtype="PCM_16")
    rejected = await _rejection(path, into)
    assert rejected.reason is Reason.TOO_MANY_CHANNELS
    assert f"{channels} channels" in rejected.message
    many = await _rejection(patched(path, (22, b"\xff\xff")), into)
    assert many.reason is Reason.TOO_MANY_CHANNELS


async def test_surround_in_m4a(tmp_path: Path, into: Path) -> None:
    source = written(tmp_path / "a.wav", tones(channels=6), subtype="PCM_16")
    rejected = await _rejection(converted(source, tmp_path / "a.m4a", "-c:a", "aac"), into)
    assert (rejected.reason, "6 channels" in rejected.message) == (Reason.TOO_MANY_CHANNELS, True)


@pytest.mark.parametrize("rate", [4_000, 7_999, 192_001, 384_000])
async def test_sample_rates_out_of_range(tmp_path: Path, into: Path, rate: int) -> None:
    path = written(tmp_path / "a.wav", tones(rate=RATE), rate, subtype="PCM_16")
    rejected = await _rejection(path, into)
    assert rejected.reason is Reason.SAMPLE_RATE_UNSUPPORTED
    assert str(rate) in rejected.message


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("subtype", ["FLOAT", "DOUBLE"])
async def test_samples_that_are_no_numbers(tmp_path: Path, into: Path, value: float, subtype: str) -> None:
    signal = tones(2)
    signal[-10, 1] = value
    path = written(tmp_path / "a.wav", signal, subtype=subtype)
    assert (await _rejection(path, into)).reason is Reason.NOT_FINITE


async def test_too_large(tmp_path: Path, into: Path) -> None:
    path = written(tmp_path / "a.wav", tones(), subtype="PCM_16")
    assert (await _rejection(path, into, Limits(max_bytes=1000))).reason is Reason.TOO_LARGE
    huge = tmp_path / "huge.wav"
    with huge.open("wb") as file:
        file.truncate(200_000_001)
    rejected = await _rejection(huge, into)
    assert "at most 200 MB" in rejected.message


@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.mp3", "a.m4a"])
async def test_too_long(tmp_path: Path, into: Path, name: str) -> None:
    source = written(tmp_path / "source.wav", tones(6), subtype="PCM_16")
    rejected = await _rejection(converted(source, tmp_path / name), into, Limits(max_seconds=5))
    assert (rejected.reason, "5 seconds" in rejected.message) == (Reason.TOO_LONG, True)


async def test_a_small_file_that_decodes_to_hours(tmp_path: Path, into: Path) -> None:
    path = written(tmp_path / "a.flac", np.zeros((1200 * 8000, 1)), 8000, subtype="PCM_16")
    assert path.stat().st_size < 100_000
    rejected = await _rejection(path, into)
    assert (rejected.reason, "15 minutes" in rejected.message) == (Reason.TOO_LONG, True)


async def test_frames_are_capped_too(tmp_path: Path, into: Path) -> None:
    path = written(tmp_path / "a.wav", tones(2), subtype="PCM_16")
    assert (await _rejection(path, into, Limits(max_frames=RATE))).reason is Reason.TOO_LONG


@pytest.mark.parametrize("seconds", [0, 0.05])
async def test_too_short(tmp_path: Path, into: Path, seconds: float) -> None:
    path = written(tmp_path / "a.wav", tones(seconds), subtype="PCM_16")
    assert (await _rejection(path, into)).reason is Reason.TOO_SHORT


async def test_a_damaged_flac(tmp_path: Path, into: Path) -> None:
    path = written(tmp_path / "a.flac", tones(5), subtype="PCM_24")
    middle = path.stat().st_size // 2
    rejected = await _rejection(patched(path, (middle, b"\x55" * 400)), into)
    assert (rejected.reason, "FLAC" in rejected.message) == (Reason.DECODER_FAILED, True)


async def test_a_video_without_sound(tmp_path: Path, into: Path) -> None:
    source = written(tmp_path / "a.wav", tones(), subtype="PCM_16")
    video = ("-f", "lavfi", "-i", "color=red:s=64x64:d=1", "-map", "1:v", "-c:v", "mpeg4")
    rejected = await _rejection(converted(source, tmp_path / "a.mp4", *video), into)
    assert (rejected.reason, "without sound" in rejected.message) == (Reason.NOT_AUDIO, True)


@pytest.mark.parametrize("codec", ["ac3", "flac"])
async def test_another_codec_in_an_m4a(tmp_path: Path, into: Path, codec: str) -> None:
    source = written(tmp_path / "a.wav", tones(), subtype="PCM_16")
    path = converted(source, tmp_path / "a.mp4", "-c:a", codec, "-strict", "-2")
    assert (await _rejection(path, into)).reason is Reason.UNSUPPORTED_FORMAT


async def test_oggs_that_are_not_one_song(tmp_path: Path, into: Path) -> None:
    vorbis = written(tmp_path / "a.ogg", tones(), container="OGG", subtype="VORBIS")
    chain = tmp_path / "chain.ogg"
    chain.write_bytes(vorbis.read_bytes() * 2)
    rejected = await _rejection(chain, into)
    assert (rejected.reason, "several recordings" in rejected.message) == (Reason.UNSUPPORTED_FORMAT, True)


def test_every_reason_has_a_sentence_that_says_what_to_do() -> None:
    assert set(SENTENCES) == set(Reason)
    for reason, sentence in SENTENCES.items():
        assert any(verb in sentence for verb in ("pload", "xport", "onvert")), reason


@pytest.mark.parametrize(
    ("seconds", "spoken"),
    [
        (0.25, "0.2 seconds"),
        (1, "1 second"),
        (60, "1 minute"),
        (90, "90 seconds"),
        (900, "15 minutes"),
        (3600, "1 hour"),
        (9000, "2.5 hours"),
    ],
)
def test_durations_as_a_person_says_them(seconds: float, spoken: str) -> None:
    assert spoken_duration(seconds) == spoken
