"""Stems files, as ffmpeg and a walk through their boxes read them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest

from services.fusion.mixing import Cancelled, Tags
from services.fusion.mixing.mastering import TruePeakMeter
from services.fusion.mixing.rendering import (
    FfmpegFailed,
    FfmpegMissing,
    Outline,
    VoiceFiles,
    draw_cover,
    ffmpeg,
    write_stem_mp4,
)
from tests.unit.fusion.rendering import mixes
from tests.unit.fusion.rendering.voices import Pcm, kept

FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()
FOUR = ("beat", "bass", "lead", "voice")
TAGS = Tags(title="Über -allen", artist="Ada", album="A=B;#", bpm=127.6, copyright="©")


def _voices(*names: str, rate: int = 44_100) -> dict[str, Pcm]:
    """A second of clicks and tones, each voice with its own."""
    time = np.arange(rate) / rate
    clicks = np.exp(-40 * (time % 0.25))
    return {
        name: np.repeat((0.15 * clicks * np.sin(2 * np.pi * 300 * (number + 1) * time))[:, None], 2, 1).astype(
            np.float32
        )
        for number, name in enumerate(names)
    }


def _stream(path: Path, number: int) -> Pcm:
    command = [FFMPEG, "-nostdin", "-v", "error", "-i", str(path), "-map", f"0:a:{number}", "-f", "f32le", "-"]
    done = subprocess.run(command, capture_output=True, check=True)
    assert done.stderr == b""
    return np.frombuffer(done.stdout, "<f4").reshape(-1, 2)


def _described(path: Path) -> str:
    return subprocess.run([FFMPEG, "-i", str(path)], capture_output=True, check=False).stderr.decode()


def _stem_box(path: Path) -> dict[str, object]:
    data = path.read_bytes()
    for kind in (b"moov", b"udta", b"stem"):
        data = _boxes(data)[kind]
    found: dict[str, object] = json.loads(data)
    return found


def _boxes(data: bytes) -> dict[bytes, bytes]:
    found, at = {}, 0
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        found[data[at + 4 : at + 8]] = data[at + 8 : at + size]
        at += size
    assert at == len(data)
    return found


def _written(
    folder: Path, *names: str, roles: dict[str, str] | None = None, path: str = "song.stem.mp4"
) -> tuple[Path, dict[str, Pcm]]:
    voices = _voices(*names)
    mix = mixes.mixed(np.asarray(sum(voices.values()), np.float32), 44_100, folder, -30.0)
    cover = draw_cover(Outline(np.ones(8), np.ones(8)))
    files = kept(voices, folder / f"voices of {path}")
    write_stem_mp4(mix, files, folder / path, roles=roles or {}, tags=TAGS, cover=cover)
    return folder / path, voices


@pytest.fixture(scope="module")
def four(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Pcm]]:
    """A Stems file with tags and a cover, and the four voices in it."""
    return _written(tmp_path_factory.mktemp("four"), *FOUR)


def test_the_song_comes_first_and_four_stems_follow_in_time_and_at_its_gain(four: tuple[Path, dict[str, Pcm]]) -> None:
    path, voices = four
    song, *stems = (_stream(path, number)[:44_100] for number in range(5))
    expected = list(voices.values())
    gain = float((song * np.sum(expected, axis=0)).sum() / np.square(np.sum(expected, axis=0)).sum())
    for heard, voice in zip([song, *stems], [np.sum(expected, axis=0), *expected], strict=True):
        lags = np.correlate(heard[:8_000, 0], voice[:8_000, 0], "full")
        assert np.argmax(lags) == 7_999
        assert float((heard * voice).sum() / np.square(voice).sum()) == pytest.approx(gain, rel=0.02)
    assert np.abs(np.sum(stems, axis=0) - song).max() < 0.05 * np.abs(song).max()


def test_players_see_tags_a_cover_and_the_song_alone_enabled(four: tuple[Path, dict[str, Pcm]]) -> None:
    path, _ = four
    said = _described(path)
    for line in ("title           : Über -allen", "artist          : Ada", "album           : A=B;#"):
        assert line in said
    tempo = path.read_bytes().partition(b"tmpo")[2]
    assert int.from_bytes(tempo[16:18], "big") == 128
    audio = [line for line in said.splitlines() if "Audio: aac" in line]
    assert ["(default)" in line for line in audio] == [True, False, False, False, False]
    assert "Video: png" in said
    assert "(attached pic)" in said


def test_dj_programs_see_names_and_colours(four: tuple[Path, dict[str, Pcm]]) -> None:
    box = _stem_box(four[0])
    assert box["version"] == 1
    assert [stem["name"] for stem in box["stems"]] == list(FOUR)  # type: ignore[attr-defined]  # the test fails where it is no list
    assert all(stem["color"].startswith("#") for stem in box["stems"])  # type: ignore[attr-defined]  # likewise


@pytest.mark.parametrize(
    ("names", "roles", "stems"),
    [
        (("a",), {}, {"a": ("a",), "silence 1": (), "silence 2": (), "silence 3": ()}),
        (
            ("v1", "v2", "d", "b", "x"),
            {"v1": "vocals", "v2": "vocals", "d": "drums", "b": "bass", "x": "residual"},
            {"drums": ("d",), "bass": ("b",), "other": ("x",), "vocals": ("v1", "v2")},
        ),
        (
            ("a", "b", "c", "d", "e"),
            {"a": "vocals", "b": "drums", "c": "drums", "d": "drums", "e": "drums"},
            {"drums": ("b", "c", "d", "e"), "vocals": ("a",), "silence 1": (), "silence 2": ()},
        ),
    ],
)
def test_there_are_always_four_stems(
    names: tuple[str, ...], roles: dict[str, str], stems: dict[str, tuple[str, ...]], tmp_path: Path
) -> None:
    voices = _voices(*names)
    mix = mixes.mixed(np.asarray(sum(voices.values()), np.float32), 44_100, tmp_path, -30.0)
    report = write_stem_mp4(mix, kept(voices, tmp_path / "voices"), tmp_path / "song.stem.mp4", roles=roles)
    assert report.stems == stems
    for number, members in enumerate(stems.values(), 1):
        expected = sum((voices[member] for member in members), np.zeros((44_100, 2), np.float32)) * 10 ** (
            report.gain_db / 20
        )
        assert np.abs(_stream(report.path, number)[:44_100] - expected).max() < 0.05


def test_the_song_stays_under_the_ceiling_behind_the_codec(tmp_path: Path) -> None:
    mix = mixes.square_noise(tmp_path)
    files = kept({"noise": np.concatenate(list(mix.blocks(0.0)))}, tmp_path / "voices")
    report = write_stem_mp4(mix, files, tmp_path / "song.stem.mp4", roles={})
    meter = TruePeakMeter(2)
    meter.add(_stream(report.path, 0))
    assert report.true_peak_dbtp == pytest.approx(meter.dbtp(), abs=0.01)
    assert report.true_peak_dbtp is not None
    assert report.true_peak_dbtp <= -1.0


def test_silence_makes_a_file_too(tmp_path: Path) -> None:
    silence = np.zeros((44_100, 2), np.float32)
    mix = mixes.mixed(silence, 44_100, tmp_path)
    report = write_stem_mp4(mix, kept({"a": silence}, tmp_path / "voices"), tmp_path / "song.stem.mp4", roles={})
    assert report.true_peak_dbtp is None
    assert np.abs(_stream(report.path, 0)).max() < 1e-6


def test_a_file_has_the_same_bytes_each_time(four: tuple[Path, dict[str, Pcm]], tmp_path: Path) -> None:
    assert _written(tmp_path, *FOUR, path="again.mp4")[0].read_bytes() == four[0].read_bytes()


@pytest.mark.parametrize("asked", [3, 8, 12])
def test_cancelling_leaves_nothing(asked: int, tmp_path: Path) -> None:
    mix, left = mixes.square_noise(tmp_path), iter([False] * asked)
    files = kept({"noise": np.concatenate(list(mix.blocks(0.0)))}, tmp_path / "voices")
    with pytest.raises(Cancelled):
        write_stem_mp4(mix, files, tmp_path / "song.stem.mp4", roles={}, cancelled=lambda: next(left, True))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mix.f32", "voices"]


def test_a_program_that_would_run_for_ever_is_stopped() -> None:
    left = iter([False, False])
    with pytest.raises(Cancelled):
        ffmpeg.run(["-f", "lavfi", "-i", "anullsrc", "-f", "null", "-"], lambda: next(left, True))


def test_without_ffmpeg_the_error_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("IMAGEIO_FFMPEG_EXE", raising=False)
    monkeypatch.setattr(imageio_ffmpeg._utils, "_get_ffmpeg_exe", lambda: None)
    with pytest.raises(FfmpegMissing, match="Choose another format") as missing:
        ffmpeg.run(["-version"], lambda: False)
    assert missing.value.reason == "FFMPEG_MISSING"


def test_what_ffmpeg_complains_of_is_told(tmp_path: Path) -> None:
    with pytest.raises(FfmpegFailed, match="No such file"):
        ffmpeg.run(["-i", tmp_path / "none", tmp_path / "out.mp4"], lambda: False)


def test_no_voices_at_all_are_four_silent_stems(tmp_path: Path) -> None:
    (tmp_path / "voices").mkdir()
    report = write_stem_mp4(
        mixes.even(tmp_path), VoiceFiles(tmp_path / "voices", 44_100), tmp_path / "song.stem.mp4", roles={}
    )
    assert len(report.stems) == 4
