"""What a track is prepared to, in whatever blocks, rates and channels it arrives."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
from numpy.typing import NDArray

from services.mir.analysis.findings import Loudness, Silence
from services.mir.analysis.preparation import RATE, prepare, prepare_blocks
from tests.songs import compose

Pcm = NDArray[np.float32]


def _tone(seconds: float, level_db: float = -20.0, rate: int = RATE, channels: int = 1) -> Pcm:
    sine = 10 ** (level_db / 20) * np.sin(2 * np.pi * 440 * np.arange(round(seconds * rate)) / rate + 0.5)
    return np.repeat(sine.astype(np.float32)[:, None], channels, axis=1)


@pytest.mark.parametrize("size", [1, 333, 32_768, 50_001])
def test_blocks_of_any_size_prepare_to_the_same_bits(size: int) -> None:
    mix = compose(seconds=4, sample_rate=12_000, seed=8).mix
    whole = prepare(mix, 12_000)
    parts = prepare_blocks((mix[start : start + size] for start in range(0, len(mix), size)), 12_000, 2)
    assert np.array_equal(whole.mono, parts.mono)
    assert (whole.loudness, whole.silence, whole.seconds) == (parts.loudness, parts.silence, parts.seconds)


@pytest.mark.parametrize(("rate", "channels"), [(8_000, 1), (22_050, 2), (48_000, 6), (96_000, 1)])
def test_any_format_becomes_mono_at_one_rate(rate: int, channels: int) -> None:
    prepared = prepare(_tone(2.0, rate=rate, channels=channels), rate)
    assert prepared.mono.dtype == np.float32
    assert len(prepared.mono) == 2 * RATE
    assert prepared.seconds == 2.0
    assert np.sqrt(np.mean(np.square(prepared.mono))) == pytest.approx(0.1 / np.sqrt(2), rel=0.01)
    assert prepared.loudness.true_peak_dbtp == pytest.approx(-20, abs=0.3)


def test_loudness_is_what_ffmpeg_measures() -> None:
    quiet_then_loud = np.concatenate([0.2 * compose(seconds=8, seed=5).mix, compose(seconds=8, seed=5).mix])
    measured, expected = prepare(quiet_then_loud, 44_100).loudness, _ffmpeg_measures(quiet_then_loud, 44_100)
    assert measured.integrated_lufs == pytest.approx(expected.integrated_lufs, abs=0.15)
    assert measured.range_lu == pytest.approx(expected.range_lu, abs=0.5)
    assert measured.true_peak_dbtp == pytest.approx(expected.true_peak_dbtp, abs=0.3)


@pytest.mark.parametrize(("head", "tail"), [(0.0, 0.0), (1.25, 0.5), (0.0, 2.0), (3.0, 0.0)])
@pytest.mark.parametrize("level_db", [-3.0, -50.0])
def test_silence_at_head_and_tail(head: float, tail: float, level_db: float) -> None:
    hush = [np.zeros((round(seconds * 44_100), 2), np.float32) for seconds in (head, tail)]
    prepared = prepare(np.concatenate([hush[0], _tone(1.0, level_db, 44_100, 2), hush[1]]), 44_100)
    assert prepared.silence.head_seconds == pytest.approx(head, abs=0.01)
    assert prepared.silence.tail_seconds == pytest.approx(tail, abs=0.01)
    assert not prepared.silent


def test_hiss_below_the_music_is_silence() -> None:
    hiss = (10 ** (-78 / 20) * np.random.default_rng(0).standard_normal((RATE, 1))).astype(np.float32)
    prepared = prepare(np.concatenate([hiss, _tone(1.0, -3.0), hiss]), RATE)
    assert prepared.silence.head_seconds == pytest.approx(1.0, abs=0.01)
    assert prepared.silence.tail_seconds == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize("frames", [0, 1, 5_000])
def test_silence_is_all_head(frames: int) -> None:
    prepared = prepare(np.zeros((frames, 2), np.float32), RATE)
    assert prepared.silent
    assert prepared.silence == Silence(head_seconds=frames / RATE)
    assert prepared.loudness == Loudness()


@pytest.mark.parametrize("rate", [8_000, RATE, 44_100])
def test_a_single_sample(rate: int) -> None:
    prepared = prepare(np.full((1, 1), 0.5, np.float32), rate)
    assert prepared.seconds == 1 / rate
    assert prepared.loudness.true_peak_dbtp == pytest.approx(-6.02, abs=0.05)
    assert prepared.loudness.range_lu is None


def _ffmpeg_measures(pcm: Pcm, rate: int) -> Loudness:
    command = [
        imageio_ffmpeg.get_ffmpeg_exe(),
        "-hide_banner",
        "-f",
        "f32le",
        "-ar",
        str(rate),
        "-ac",
        str(pcm.shape[1]),
    ]
    command += ["-i", "-", "-af", "ebur128=peak=true", "-f", "null", "-"]
    log = subprocess.run(command, input=pcm.tobytes(), capture_output=True, check=True).stderr.decode()
    summary = log[log.rindex("Summary:") :]
    integrated, spread, peak = (
        float(re.findall(rf"{name}:\s+(-?[\d.]+)", summary)[0]) for name in ("I", "LRA", "Peak")
    )
    return Loudness(integrated, spread, peak)


@pytest.mark.parametrize("frames", [0, 1, 100_000])
def test_a_track_kept_in_a_file_is_the_one_kept_in_memory(frames: int, tmp_path: Path) -> None:
    pcm = np.random.default_rng(5).standard_normal((frames, 2)).astype(np.float32)
    in_memory = prepare_blocks([pcm], 44_100, 2)
    in_file = prepare_blocks([pcm], 44_100, 2, file=tmp_path / "mono")
    for prepared in (in_file, in_memory):
        prepared.rest()  # nothing is lost by it
    assert np.array_equal(in_file.mono, in_memory.mono)
    assert (in_file.loudness, in_file.silence, in_file.seconds) == (
        in_memory.loudness,
        in_memory.silence,
        in_memory.seconds,
    )
