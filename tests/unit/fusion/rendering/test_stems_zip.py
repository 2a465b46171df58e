"""Stems in a zip."""

from __future__ import annotations

import io
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile

import numpy as np
import pytest
import soundfile

from services.fusion.mixing import Cancelled, Encoding, Format, InvalidEncoding, Tags
from services.fusion.mixing.rendering import zip_stems
from tests.unit.fusion.rendering.voices import Pcm, kept, noises

FLOAT = Encoding(Format.WAV, bits=32)


def _read(path: Path) -> dict[str, Pcm]:
    with ZipFile(path) as file:
        assert file.testzip() is None
        return {name: soundfile.read(io.BytesIO(file.read(name)), dtype="float32")[0] for name in file.namelist()}


def test_float_stems_add_up_to_the_sum_exactly(tmp_path: Path) -> None:
    voices = noises("vocals", "drums", "bass", peak=3.0)
    report = zip_stems(kept(voices, tmp_path / "voices"), FLOAT, tmp_path / "stems.zip")
    stems = _read(report.path)
    assert report.gain_db == 0.0
    assert list(stems) == ["01 vocals.wav", "02 drums.wav", "03 bass.wav"]
    assert all(np.array_equal(stem, voice) for stem, voice in zip(stems.values(), voices.values(), strict=True))


@pytest.mark.parametrize("encoding", [Encoding(Format.FLAC), Encoding(Format.WAV, bits=16)], ids=str)
def test_stems_that_would_be_clipped_are_all_softer_by_the_same_gain(encoding: Encoding, tmp_path: Path) -> None:
    voices = noises("loud", "also loud", peak=3.0) | noises("soft", peak=0.1)
    report = zip_stems(kept(voices, tmp_path / "voices"), encoding, tmp_path / "stems.zip")
    gain = 10 ** (report.gain_db / 20)
    assert report.gain_db < -9.5
    for stem, voice in zip(_read(report.path).values(), voices.values(), strict=True):
        assert np.abs(stem - voice * gain).max() < 2**-14


def test_what_fits_is_left_at_its_level(tmp_path: Path) -> None:
    voices = noises("vocals")
    report = zip_stems(kept(voices, tmp_path / "voices"), Encoding(Format.FLAC), tmp_path / "stems.zip")
    assert report.gain_db == 0.0
    assert np.abs(_read(report.path)["01 vocals.flac"] - voices["vocals"]).max() < 2**-23


def test_a_zip_has_the_same_bytes_each_time_and_is_stored(tmp_path: Path) -> None:
    files = kept(noises("vocals", "drums"), tmp_path / "voices")
    paths = [zip_stems(files, Encoding(Format.FLAC), tmp_path / name).path for name in ("a.zip", "b.zip")]
    assert paths[0].read_bytes() == paths[1].read_bytes()
    with ZipFile(paths[0]) as file:
        assert {(entry.date_time, entry.compress_type) for entry in file.infolist()} == {
            ((1980, 1, 1, 0, 0, 0), ZIP_STORED)
        }


def test_names_are_safe_and_differ(tmp_path: Path) -> None:
    names = ["../vocals", "a/b:c", "aux", "  ", "Ü" * 300, "夜 🎶", "vocals.\n", "vocals"]
    files = kept(noises(*names, seconds=0.01), tmp_path / "voices")
    report = zip_stems(files, FLOAT, tmp_path / "stems.zip")
    assert report.names[:4] == ("01 _vocals.wav", "02 a_b_c.wav", "03 aux.wav", "04.wav")
    assert report.names[4] == f"05 {'Ü' * 100}.wav"
    assert report.names[5:] == ("06 夜 🎶.wav", "07 vocals._.wav", "08 vocals.wav")
    assert tuple(_read(report.path)) == report.names


def test_each_stem_says_what_it_is_of(tmp_path: Path) -> None:
    files = kept(noises("vocals", seconds=0.1), tmp_path / "voices")
    report = zip_stems(files, FLOAT, tmp_path / "stems.zip", tags=Tags(title="Song", artist="Ada"))
    with ZipFile(report.path) as file:
        data = file.read("01 vocals.wav")
    assert b"Song (vocals)" in data
    assert b"Ada" in data


def test_a_voice_that_ends_early_is_silent_to_the_end(tmp_path: Path) -> None:
    voices = noises("long") | noises("short", seconds=0.5)
    stems = _read(zip_stems(kept(voices, tmp_path / "voices"), FLOAT, tmp_path / "stems.zip").path)
    assert stems["02 short.wav"].shape == stems["01 long.wav"].shape
    assert not stems["02 short.wav"][len(voices["short"]) :].any()


def test_stems_at_another_rate_have_its_length(tmp_path: Path) -> None:
    files = kept(noises("vocals"), tmp_path / "voices")
    report = zip_stems(files, Encoding(Format.WAV, sample_rate=48_000), tmp_path / "stems.zip")
    assert len(_read(report.path)["01 vocals.wav"]) == 48_000


def test_lossy_stems_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidEncoding, match="WAV or FLAC") as refused:
        zip_stems(kept(noises("vocals"), tmp_path / "voices"), Encoding(Format.MP3), tmp_path / "stems.zip")
    assert refused.value.reason == "STEMS_ARE_LOSSLESS"


def test_cancelling_leaves_nothing(tmp_path: Path) -> None:
    files = kept(noises("vocals", "drums"), tmp_path / "voices")
    asked = iter([False, False, False, False, True])
    with pytest.raises(Cancelled):
        zip_stems(files, FLOAT, tmp_path / "stems.zip", cancelled=lambda: next(asked))
    assert [path.name for path in tmp_path.iterdir()] == ["voices"]


def test_progress_rises_to_one(tmp_path: Path) -> None:
    told: list[float] = []
    zip_stems(kept(noises("a", "b"), tmp_path / "voices"), FLOAT, tmp_path / "stems.zip", progress=told.append)
    assert told == [0.5, 1.0]
