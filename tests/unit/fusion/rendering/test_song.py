"""Finished files, measured by someone else's meters."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyloudnorm
import pytest
import soundfile
from numpy.typing import NDArray
from scipy import signal

from services.fusion.mixing import Cancelled, Encoding, Format, Mix, Outcome, render
from tests.unit.fusion.rendering import mixes

LOSSLESS = [Encoding(kind, bits=bits) for kind in (Format.WAV, Format.FLAC) for bits in (16, 24)]
LOSSLESS.append(Encoding(Format.WAV, bits=32))
LOSSY = [Encoding(Format.MP3), Encoding(Format.MP3, bitrate_kbps=192), Encoding(Format.OGG), Encoding(Format.OPUS)]
OTHER_RATES = [Encoding(Format.WAV, sample_rate=44_100), Encoding(Format.FLAC, bits=16, sample_rate=96_000)]


def _label(encoding: Encoding) -> str:
    return " ".join(str(value) for value in vars(encoding).values() if value is not None)


one_of_each_way = pytest.mark.parametrize("encoding", [LOSSLESS[0], LOSSY[0], LOSSY[-1], OTHER_RATES[0]], ids=_label)
each_encoding = pytest.mark.parametrize("encoding", LOSSLESS + LOSSY + OTHER_RATES, ids=_label)


@pytest.fixture(scope="module")
def drummed(tmp_path_factory: pytest.TempPathFactory) -> Mix:
    """2 s at 48 kHz, with high peaks."""
    return mixes.drummed(tmp_path_factory.mktemp("drummed"))


@pytest.fixture(scope="module")
def even(tmp_path_factory: pytest.TempPathFactory) -> Mix:
    """3 s at 44.1 kHz without peaks."""
    return mixes.even(tmp_path_factory.mktemp("even"))


def _true_peak(pcm: NDArray[np.float64]) -> float:
    """dBTP, 16 times oversampled in one piece."""
    return float(20 * np.log10(np.abs(signal.resample_poly(pcm, 16, 1, axis=0)).max()))


@each_encoding
def test_files_have_the_exact_length_and_measure_what_is_said(drummed: Mix, encoding: Encoding, tmp_path: Path) -> None:
    report = render(drummed, encoding, tmp_path / f"song.{encoding.format}")
    pcm, rate = soundfile.read(report.path)
    assert (len(pcm), rate) == (report.frames, report.sample_rate)
    assert rate == (encoding.sample_rate or 48_000)
    assert len(pcm) == 2 * rate
    assert pyloudnorm.Meter(rate).integrated_loudness(pcm) == pytest.approx(report.loudness_lufs, abs=0.1)
    assert _true_peak(pcm) <= -1.0
    assert _true_peak(pcm) == pytest.approx(report.true_peak_dbtp, abs=0.1)


@pytest.mark.parametrize(
    "encoding", [LOSSLESS[0], Encoding(Format.MP3), Encoding(Format.OGG), Encoding(Format.OPUS)], ids=_label
)
def test_the_target_loudness_is_met(even: Mix, encoding: Encoding, tmp_path: Path) -> None:
    report = render(even, encoding, tmp_path / "song")
    pcm, rate = soundfile.read(report.path)
    assert report.outcome is Outcome.LOUDNESS
    assert pyloudnorm.Meter(rate).integrated_loudness(pcm) == pytest.approx(-14.0, abs=0.1)
    assert _true_peak(pcm) <= -1.0


@pytest.mark.parametrize("encoding", [Encoding(Format.MP3), Encoding(Format.OGG), Encoding(Format.OPUS)], ids=_label)
def test_room_for_a_codec_costs_no_loudness(drummed: Mix, encoding: Encoding, tmp_path: Path) -> None:
    report = render(drummed, encoding, tmp_path / "song")
    assert drummed.level.outcome is report.outcome is Outcome.LOUDNESS
    assert report.loudness_lufs == pytest.approx(-14.0, abs=0.2)


@pytest.mark.parametrize("encoding", LOSSLESS, ids=_label)
def test_lossless_files_hold_the_mix_to_their_last_bit(drummed: Mix, encoding: Encoding, tmp_path: Path) -> None:
    report = render(drummed, encoding, tmp_path / "song")
    pcm, _ = soundfile.read(report.path, dtype="float32")
    steps = {16: 1.5, 24: 0.5, 32: 0.0}[encoding.bits or 24] / 2 ** ((encoding.bits or 24) - 1)
    assert np.abs(pcm.astype(np.float64) - mixes.written(drummed)).max() <= steps


@pytest.mark.parametrize("encoding", [*LOSSLESS, *LOSSY], ids=_label)
def test_a_song_has_the_same_bytes_each_time(
    drummed: Mix, encoding: Encoding, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = render(drummed, encoding, tmp_path / "first")
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    second = render(drummed, encoding, tmp_path / "second")
    assert first.path.read_bytes() == second.path.read_bytes()


def test_a_float_file_does_not_say_when_it_was_written(drummed: Mix, tmp_path: Path) -> None:
    data = render(drummed, Encoding(Format.WAV, bits=32), tmp_path / "song").path.read_bytes()
    peak = data.index(b"PEAK")
    assert data[peak + 8 : peak + 16] == b"\1\0\0\0\0\0\0\0"


@pytest.mark.parametrize("encoding", LOSSY, ids=_label)
def test_lossy_files_are_aligned_to_the_sample(drummed: Mix, encoding: Encoding, tmp_path: Path) -> None:
    pcm, _ = soundfile.read(render(drummed, encoding, tmp_path / "song").path)
    expected = mixes.written(drummed)
    lags = signal.correlate(pcm[:48_000, 0], expected[:48_000, 0], mode="full", method="fft")
    assert np.argmax(lags) == 47_999
    assert np.corrcoef(pcm[:, 0], expected[:, 0])[0, 1] > 0.98


def test_another_sample_rate_keeps_time_and_pitch(tmp_path: Path) -> None:
    time = np.arange(44_100) / 44_100
    tone = (0.3 * np.sin(2 * np.pi * 1000 * time) * np.hanning(44_100)).astype(np.float32)[:, None]
    song = mixes.mixed(tone, 44_100, tmp_path)
    report = render(song, Encoding(Format.WAV, sample_rate=48_000), tmp_path / "song")
    pcm, rate = soundfile.read(report.path)
    time = np.arange(48_000) / rate
    expected = np.sin(2 * np.pi * 1000 * time) * np.interp(time, np.arange(44_100) / 44_100, np.hanning(44_100))
    expected *= np.abs(pcm).max() / np.abs(expected).max()
    assert np.abs(pcm[:, 0] - expected).max() < 2e-4


@pytest.mark.parametrize("encoding", LOSSY, ids=_label)
def test_what_overshoots_is_written_again(encoding: Encoding, tmp_path: Path) -> None:
    song = mixes.square_noise(tmp_path)
    report = render(song, encoding, tmp_path / "song")
    pcm, _ = soundfile.read(report.path)
    assert report.gain_db < song.level.gain_db
    assert report.outcome is Outcome.TRUE_PEAK
    assert report.true_peak_dbtp is not None
    assert report.true_peak_dbtp <= -1.0
    assert np.abs(pcm).max() <= 10 ** (-1 / 20)


def test_a_lower_sample_rate_that_lets_peaks_grow_is_written_again(tmp_path: Path) -> None:
    """Beeps whose third harmonic flattens them, and is lost at half the rate."""
    turn = 2 * np.pi * 6000 * np.arange(44_100) / 44_100
    beeps = (np.sin(turn) + np.sin(3 * turn) / 6) * np.tile(np.pad(np.hanning(1000), (0, 21_050)), 2)
    song = mixes.mixed(beeps.astype(np.float32)[:, None], 44_100, tmp_path, -6.0)
    report = render(song, Encoding(Format.WAV, sample_rate=22_050), tmp_path / "song")
    assert report.gain_db < song.level.gain_db - 0.5
    assert report.outcome is Outcome.TRUE_PEAK
    assert _true_peak(soundfile.read(report.path)[0]) <= -1.0


@each_encoding
@pytest.mark.parametrize("frames", [1, 10_000])
def test_silence_is_written_as_silence(encoding: Encoding, frames: int, tmp_path: Path) -> None:
    song = mixes.mixed(np.zeros((frames, 1), np.float32), 48_000, tmp_path)
    report = render(song, encoding, tmp_path / "song")
    pcm, _ = soundfile.read(report.path)
    assert pcm.shape == (report.frames, 2)
    assert np.abs(pcm).max() < 1e-30
    assert report.outcome is Outcome.SILENCE
    assert report.loudness_lufs is None
    assert report.true_peak_dbtp is None


@one_of_each_way
def test_progress_rises_to_one(drummed: Mix, encoding: Encoding, tmp_path: Path) -> None:
    heard: list[float] = []
    render(drummed, encoding, tmp_path / "song", progress=heard.append)
    assert heard == sorted(heard)
    assert heard[-1] == pytest.approx(1.0)


@one_of_each_way
def test_cancelling_leaves_no_file(drummed: Mix, encoding: Encoding, tmp_path: Path) -> None:
    asked = iter([False, False, True])
    with pytest.raises(Cancelled):
        render(drummed, encoding, tmp_path / "song", cancelled=lambda: next(asked))
    assert not list(tmp_path.iterdir())
