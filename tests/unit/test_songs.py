"""The synthesiser's truth is what it plays."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.songs import compose, write

RATE = 22_050


def test_the_mix_is_the_sum_of_the_stems() -> None:
    song = compose(seconds=8, sample_rate=RATE)
    assert set(song.stems) == {"drums", "bass", "chords", "lead"}
    assert np.array_equal(song.mix, np.sum(list(song.stems.values()), axis=0))
    assert np.abs(song.mix).max() == pytest.approx(0.8, abs=1e-6)
    assert all(np.abs(stem).max() > 0.05 for stem in song.stems.values())


def test_the_same_arguments_give_the_same_samples() -> None:
    first = compose(seconds=5, sample_rate=RATE, seed=3)
    assert np.array_equal(first.mix, compose(seconds=5, sample_rate=RATE, seed=3).mix)
    assert not np.array_equal(first.mix, compose(seconds=5, sample_rate=RATE, seed=4).mix)


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize(("seconds", "rate"), [(0.1, 44_100), (3.3333, 8_000), (7, 48_000)])
def test_a_song_has_the_asked_shape(seconds: float, rate: int, channels: int) -> None:
    song = compose(seconds=seconds, sample_rate=rate, channels=channels)
    assert song.mix.shape == (round(seconds * rate), channels)
    assert song.mix.dtype == np.float32
    assert all(stem.shape == song.mix.shape for stem in song.stems.values())


def test_the_truth_lies_on_a_grid() -> None:
    truth = compose(tempo_bpm=90, tonic=9, mode="minor", seconds=20, sample_rate=RATE).truth
    assert truth.key == "A minor"
    assert np.allclose(np.diff(truth.beats), 60 / 90)
    assert truth.beats[0] == 0
    assert truth.beats[-1] < 20
    assert truth.downbeats == truth.beats[::4]
    assert (truth.chords[0].root, truth.chords[0].quality) == (9, "min")
    assert truth.chords[-1].end == 20
    assert all(before.end == after.start for before, after in pairwise(truth.chords))


def test_drums_sound_on_the_downbeats() -> None:
    song = compose(tempo_bpm=100, seconds=15, sample_rate=RATE, channels=1, seed=1)
    drums = np.abs(song.stems["drums"][:, 0])
    for downbeat in song.truth.downbeats:
        at = round(downbeat * RATE)
        assert drums[at : at + RATE // 50].max() > 0.3


def test_cents_detune_the_pitched_parts() -> None:
    def centre(cents: float) -> float:
        """The mean pitch of the bass's fundamentals, in cents above 1 Hz."""
        bass = compose(seconds=10, sample_rate=RATE, channels=1, cents=cents).stems["bass"][:, 0]
        power = np.abs(np.fft.rfft(bass * np.hanning(len(bass)))) ** 2
        hertz = np.fft.rfftfreq(len(bass), 1 / RATE)
        low = (hertz > 30) & (hertz < 62)
        return float(np.average(1200 * np.log2(hertz[low]), weights=power[low]))

    assert centre(50) - centre(0) == pytest.approx(50, abs=15)


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".mp3", ".ogg"])
def test_songs_are_written_in_full(tmp_path: Path, suffix: str) -> None:
    song = compose(seconds=3, seed=2)
    path = write(song.mix, song.sample_rate, tmp_path / f"song{suffix}")
    read, rate = soundfile.read(path, dtype="float32")
    assert rate == song.sample_rate
    assert read.shape == song.mix.shape
    assert np.corrcoef(read[:, 0], song.mix[:, 0])[0, 1] > 0.99


def test_impossible_songs_are_refused(tmp_path: Path) -> None:
    for wrong in ({"tempo_bpm": 10.0}, {"tonic": 12}, {"seconds": 0.0}, {"channels": 3}):
        with pytest.raises(ValueError, match="a song has"):
            compose(**wrong)
    with pytest.raises(ValueError, match="written as"):
        write(np.zeros((10, 1), np.float32), RATE, tmp_path / "song.txt")
