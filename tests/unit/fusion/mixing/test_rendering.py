"""Finished files, measured by someone else's meters."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyloudnorm
import pytest
import soundfile
from numpy.typing import NDArray
from scipy import signal

from services.fusion.mixing import Cancelled, Format, Mix, Outcome, Part, Target, mix, render
from services.fusion.mixing.true_peak import TruePeakMeter
from tests.songs import compose

Pcm = NDArray[np.float32]


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> Mix:
    """Stems of two songs, 44.1 and 48 kHz, whose drums limit the level."""
    first, second = compose(tempo_bpm=96, seconds=6, seed=1), compose(seconds=5.5, sample_rate=48_000, seed=2)
    parts = [
        Part.of_pcm(first.stems["lead"], 44_100, gain_db=2.0),
        Part.of_pcm(second.stems["drums"], 48_000, pan=-0.2),
        Part.of_pcm(second.stems["bass"], 48_000, gain_db=-2.0),
    ]
    return mix(parts, tmp_path_factory.mktemp("song") / "mix.f32")


@pytest.fixture(scope="module")
def even(tmp_path_factory: pytest.TempPathFactory) -> Mix:
    """A song without peaks worth mentioning: its loudness decides."""
    chords = compose(seconds=6, seed=3).stems["chords"]
    dense = np.tanh(12 * chords) * np.float32(0.2)
    return mix([Part.of_pcm(dense, 44_100)], tmp_path_factory.mktemp("even") / "mix.f32")


def _true_peak(pcm: NDArray[np.float64]) -> float:
    """dBTP, 16 times oversampled in one piece."""
    return float(20 * np.log10(np.abs(signal.resample_poly(pcm, 16, 1, axis=0)).max()))


@pytest.mark.parametrize("kind", list(Format))
def test_files_have_the_exact_length_and_measure_what_is_said(song: Mix, kind: Format, tmp_path: Path) -> None:
    report = render(song, kind, tmp_path / f"song.{kind}")
    pcm, rate = soundfile.read(report.path)
    assert (len(pcm), rate) == (report.frames, report.sample_rate) == (288_000, 48_000)
    assert report.outcome is Outcome.TRUE_PEAK
    assert pyloudnorm.Meter(rate).integrated_loudness(pcm) == pytest.approx(report.loudness_lufs, abs=0.1)
    assert _true_peak(pcm) <= -1.0
    assert _true_peak(pcm) == pytest.approx(report.true_peak_dbtp, abs=0.1)
    assert np.abs(pcm).max() < 1.0


@pytest.mark.parametrize("kind", list(Format))
def test_the_target_loudness_is_met(even: Mix, kind: Format, tmp_path: Path) -> None:
    report = render(even, kind, tmp_path / f"song.{kind}")
    pcm, rate = soundfile.read(report.path)
    assert report.outcome is Outcome.LOUDNESS
    assert pyloudnorm.Meter(rate).integrated_loudness(pcm) == pytest.approx(-14.0, abs=0.1)
    assert _true_peak(pcm) <= -1.0


@pytest.mark.parametrize("kind", [Format.WAV, Format.FLAC])
def test_lossless_files_hold_the_mix_in_24_bits(song: Mix, kind: Format, tmp_path: Path) -> None:
    report = render(song, kind, tmp_path / "song")
    pcm, _ = soundfile.read(report.path, dtype="float32")
    expected = np.concatenate(list(song.blocks(report.gain_db)))
    assert soundfile.info(report.path).subtype == "PCM_24"
    assert np.abs(pcm - expected).max() < 2**-22


@pytest.mark.parametrize("kind", [Format.WAV, Format.FLAC])
def test_lossless_files_are_the_same_each_time(song: Mix, kind: Format, tmp_path: Path) -> None:
    first, second = render(song, kind, tmp_path / "first"), render(song, kind, tmp_path / "second")
    assert first.path.read_bytes() == second.path.read_bytes()


def test_mp3_is_aligned_to_the_sample(song: Mix, tmp_path: Path) -> None:
    report = render(song, Format.MP3, tmp_path / "song.mp3")
    pcm, _ = soundfile.read(report.path)
    expected = np.concatenate(list(song.blocks(report.gain_db)))
    lags = signal.correlate(pcm[:48_000, 0], expected[:48_000, 0], mode="full", method="fft")
    assert np.argmax(lags) == 47_999
    assert np.corrcoef(pcm[:, 0], expected[:, 0])[0, 1] > 0.999


def test_a_codec_that_overshoots_is_written_again(tmp_path: Path) -> None:
    """Full-band square-ish noise is what lossy codecs overshoot most on."""
    noise = np.sign(np.random.default_rng(0).standard_normal((3 * 44_100, 2))).astype(np.float32)
    mixed = mix([Part.of_pcm(noise, 44_100)], tmp_path / "mix.f32", Target(loudness_lufs=0.0))
    report = render(mixed, Format.MP3, tmp_path / "song.mp3")
    pcm, _ = soundfile.read(report.path)
    assert report.gain_db < mixed.level.gain_db - 1.0
    assert report.outcome is Outcome.TRUE_PEAK
    assert report.true_peak_dbtp is not None
    assert report.true_peak_dbtp <= -1.0
    assert np.abs(pcm).max() <= 10 ** (-1 / 20)


@pytest.mark.parametrize("kind", list(Format))
@pytest.mark.parametrize("frames", [1, 30_000])
def test_silence_is_written_as_silence(kind: Format, frames: int, tmp_path: Path) -> None:
    mixed = mix([Part.of_pcm(np.zeros((frames, 1), np.float32), 44_100)], tmp_path / "mix.f32")
    report = render(mixed, kind, tmp_path / "song")
    pcm, _ = soundfile.read(report.path)
    assert pcm.shape == (frames, 2)
    assert not pcm.any()
    assert report.outcome is Outcome.SILENCE
    assert report.loudness_lufs is None
    assert report.true_peak_dbtp is None


@pytest.mark.parametrize("kind", list(Format))
def test_progress_rises_to_one(song: Mix, kind: Format, tmp_path: Path) -> None:
    heard: list[float] = []
    render(song, kind, tmp_path / "song", heard.append)
    assert heard == sorted(heard)
    assert heard[-1] == pytest.approx(1.0)


@pytest.mark.parametrize("kind", list(Format))
def test_cancelling_leaves_no_file(song: Mix, kind: Format, tmp_path: Path) -> None:
    asked = iter([False, False, True])
    with pytest.raises(Cancelled):
        render(song, kind, tmp_path / "song", cancelled=lambda: next(asked))
    assert not (tmp_path / "song").exists()


@pytest.mark.parametrize("block", [1, 100, 16_384])
def test_peaks_between_samples_are_seen(block: int) -> None:
    """A sine at a quarter of the rate, sampled 45 degrees off its peaks: samples at -3 dB, the wave at 0 dB."""
    time = np.arange(2_000 if block == 1 else 40_000)
    fade = np.minimum(1.0, np.minimum(time, len(time) - time) / 500)
    pcm = (fade * np.sin(np.pi / 2 * time + np.pi / 4)).astype(np.float32)[:, None]
    meter = TruePeakMeter(1)
    for start in range(0, len(pcm), block):
        meter.add(pcm[start : start + block])
    assert np.abs(pcm).max() < 0.708
    assert meter.dbtp() == pytest.approx(0.0, abs=0.15)


def test_a_peak_at_the_very_end_is_seen() -> None:
    pcm = np.zeros((100, 2), np.float32)
    pcm[-1, 1] = 0.5
    meter = TruePeakMeter(2)
    meter.add(pcm)
    assert meter.dbtp() == pytest.approx(-6.02, abs=0.1)
