"""Downloads are exactly as long as their stem, and say what they are."""

import zipfile
from pathlib import Path

import numpy as np
import pytest
import soundfile

from services.separation import transcoding
from services.separation.formats import FLAC, MP3, WAV, Format, archive_filename, offered_form, stem_filename
from services.separation.transcoding import TranscodingStopped, mp3_rate, transcode


def never() -> bool:
    return False


def stem(folder: Path, rate: int, channels: int, frames: int) -> Path:
    """A stem: a tone with a little noise."""
    path = folder / "stem.flac"
    time = np.arange(frames) / rate
    tone = 0.4 * np.sin(2 * np.pi * 440 * time)[:, None].repeat(channels, axis=1)
    pcm = tone + np.random.default_rng(1).normal(0, 1e-4, (frames, channels))
    soundfile.write(path, pcm, rate, subtype="PCM_24")
    return path


@pytest.mark.parametrize(("rate", "channels", "frames"), [(44_100, 2, 70_001), (8_000, 1, 1), (192_000, 2, 65_537)])
def test_wav_is_the_stem_sample_by_sample(tmp_path: Path, rate: int, channels: int, frames: int) -> None:
    source, target = stem(tmp_path, rate, channels, frames), tmp_path / "stem.wav"

    transcode(source, target, WAV, never)

    info = soundfile.info(target)
    assert (info.format, info.subtype, info.samplerate, info.channels) == ("WAV", "PCM_24", rate, channels)
    before, after = (soundfile.read(path, dtype="int32")[0] for path in (source, target))
    assert np.array_equal(before, after)


@pytest.mark.parametrize(
    ("rate", "channels", "frames", "expected_rate"),
    [
        (44_100, 2, 100_001, 44_100),
        (48_000, 1, 65_536, 48_000),
        (22_050, 2, 33_333, 22_050),
        (8_000, 1, 20_000, 8_000),
        (88_200, 2, 150_001, 44_100),
        (96_000, 2, 131_073, 48_000),
        (192_000, 1, 300_000, 48_000),
        (37_800, 2, 40_000, 44_100),
    ],
)
def test_mp3_has_the_exact_length(tmp_path: Path, rate: int, channels: int, frames: int, expected_rate: int) -> None:
    source, target = stem(tmp_path, rate, channels, frames), tmp_path / "stem.mp3"

    transcode(source, target, MP3, never)

    pcm, got = soundfile.read(target, always_2d=True)
    assert got == expected_rate == mp3_rate(rate)
    assert pcm.shape == (round(frames * expected_rate / rate), channels)
    tone = 0.4 * np.sin(2 * np.pi * 440 * np.arange(len(pcm)) / got)
    assert np.corrcoef(pcm[:, 0], tone)[0, 1] > 0.99  # in place, not shifted


def test_an_mp3_is_made_of_a_residual_of_32_bit_too(tmp_path: Path) -> None:
    source, target = tmp_path / "residual.wav", tmp_path / "residual.mp3"
    pcm = np.random.default_rng(1).integers(-(1 << 30), 1 << 30, (50_001, 2), np.int32)
    soundfile.write(source, pcm, 44_100, subtype="PCM_32")

    transcode(source, target, MP3, never)

    assert len(soundfile.read(target)[0]) == len(pcm)


@pytest.mark.parametrize(
    ("stored", "wanted", "offered"),
    [("flac", FLAC, FLAC), ("flac", WAV, WAV), ("wav", WAV, WAV), ("wav", FLAC, WAV), ("wav", MP3, MP3)],
)
def test_what_is_stored_with_32_bit_is_never_cut_down_to_flac(stored: str, wanted: Format, offered: Format) -> None:
    assert offered_form(f"separation/owner/sep/1/residual.{stored}", wanted) == offered


def test_nothing_else_is_made_of_a_stem(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="flac"):
        transcode(tmp_path / "a", tmp_path / "b", FLAC, never)


def test_transcoding_stops_when_it_is_told(tmp_path: Path) -> None:
    source = stem(tmp_path, 44_100, 2, 1_000)
    for form in (WAV, MP3):
        with pytest.raises(TranscodingStopped):
            transcode(source, tmp_path / "target", form, lambda: True)


def test_an_archive_is_stored_and_the_same_every_time(tmp_path: Path) -> None:
    member = tmp_path / "member"
    member.write_bytes(bytes(range(256)) * 9_000)
    for archive in ("one.zip", "two.zip"):
        for name in ("Ä - vocals.wav", "Ä - drums.wav"):
            transcoding.add_to_archive(tmp_path / archive, member, name)

    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "one.zip") as opened:
        assert opened.namelist() == ["Ä - vocals.wav", "Ä - drums.wav"]
        assert opened.read("Ä - drums.wav") == member.read_bytes()
        assert all(info.compress_type == zipfile.ZIP_STORED for info in opened.infolist())


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("Song", "Song - vocals.mp3"),
        ("../../etc/passwd", "_.._etc_passwd - vocals.mp3"),
        ("a\x00b\n c", "ab c - vocals.mp3"),
        ("\u202efdp.exe", "fdp.exe - vocals.mp3"),
        ("  ", "untitled - vocals.mp3"),
        ("Tür 🎵", "Tür 🎵 - vocals.mp3"),
        ("x" * 500, "x" * 180 + " - vocals.mp3"),
    ],
)
def test_titles_make_harmless_names(title: str, shown: str) -> None:
    assert stem_filename(title, "vocals", MP3) == shown


def test_archives_are_named_for_the_song() -> None:
    assert archive_filename("Song: one") == "Song_ one - stems.zip"
