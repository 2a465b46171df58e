"""Finished songs, measured by somebody else's meters."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyloudnorm
import pytest

from services.fusion.mixing.arrangement import Arrangement, Mastering
from services.fusion.mixing.mastering import MOST_LIMITING_DB, Outcome
from services.fusion.mixing.mixdown import Mix, mix
from services.fusion.mixing.progress import Cancelled
from services.fusion.mixing.sources import ArraySource, Pcm
from tests.songs import compose
from tests.unit.fusion.mixing.arranged import noise, voice, whole
from tests.unit.fusion.mixing.readings import ffmpeg_reading

RATE = 44_100


def _mixed(pcm: Pcm, folder: Path, mastering: Mastering, rate: int = RATE) -> Mix:
    song = Arrangement(rate, len(pcm), (voice("a", whole(len(pcm), rate)),), mastering)
    return mix(song, {"a": ArraySource(np.ascontiguousarray(pcm), rate)}, folder / "mix")


def _finished(mixed: Mix) -> Pcm:
    return np.concatenate(list(mixed.blocks(mixed.level.gain_db)))


def _struck(seconds: float = 6, rate: int = RATE) -> Pcm:
    """Drums of noise over noise: peaks far above what is heard in between."""
    time = np.arange(round(seconds * rate)) / rate
    struck = np.exp(-((time * 2) % 1) * 25)[:, None] * noise(len(time), seed=4, level=0.3)
    return (struck + noise(len(time), seed=5, level=0.03)).astype(np.float32)


SONGS: dict[str, Callable[[], Pcm]] = {
    "drums": _struck,
    "song": lambda: compose(seconds=6, seed=1).mix,
    "loud song": lambda: np.tanh(compose(seconds=6, seed=2).mix * 6).astype(np.float32),
    "clipped song": lambda: np.clip(compose(seconds=6, seed=3).mix * 3, -0.5, 0.5).astype(np.float32),
    "noise": lambda: noise(6 * RATE, level=0.3),
}


@pytest.mark.parametrize("name", SONGS)
@pytest.mark.parametrize(("lufs", "ceiling"), [(-14.0, -1.0), (-9.0, -1.0), (-11.0, -3.0)])
def test_songs_are_as_loud_as_asked_and_no_meter_finds_a_peak_above_the_ceiling(
    name: str, lufs: float, ceiling: float, tmp_path: Path
) -> None:
    mixed = _mixed(SONGS[name](), tmp_path, Mastering(lufs, ceiling))
    finished = _finished(mixed)
    loudness, peak = ffmpeg_reading(finished, RATE)
    assert peak <= ceiling
    assert mixed.loudness_lufs is not None
    assert mixed.loudness_lufs + mixed.level.gain_db == pytest.approx(loudness, abs=0.1)
    assert pyloudnorm.Meter(RATE).integrated_loudness(finished) == pytest.approx(loudness, abs=0.1)
    if mixed.level.outcome is Outcome.LOUDNESS:
        assert loudness == pytest.approx(lufs, abs=0.2)
    else:
        assert mixed.level.outcome is Outcome.TRUE_PEAK
        assert mixed.level.limited_db == pytest.approx(MOST_LIMITING_DB, abs=0.5)
        assert loudness < lufs


def test_the_limiter_reaches_what_a_gain_alone_could_not(tmp_path: Path) -> None:
    pcm = _struck()
    mixed = _mixed(pcm, tmp_path, Mastering(-19.0))
    by_gain_alone = mixed.level.gain_db + 20 * np.log10(np.abs(pcm).max())
    assert mixed.level.outcome is Outcome.LOUDNESS
    assert by_gain_alone > 1.0
    assert 2.0 < mixed.level.limited_db <= MOST_LIMITING_DB


def test_what_need_not_be_limited_only_gets_a_gain(tmp_path: Path) -> None:
    pcm = noise(3 * RATE, level=0.05)
    mixed = _mixed(pcm, tmp_path, Mastering(-20.0))
    assert (mixed.level.outcome, mixed.level.limited_db, mixed.curve) == (Outcome.LOUDNESS, 0.0, None)
    assert np.allclose(_finished(mixed), pcm * 10 ** (mixed.level.gain_db / 20), atol=1e-7)


def test_the_limiter_moves_smoothly(tmp_path: Path) -> None:
    """A quiet tone under loud drums gets no steps: its gain changes by under 2 % from one frame to the next."""
    tone = 0.01 * np.sin(2 * np.pi * 300 * np.arange(4 * RATE) / RATE)
    clicks = np.zeros((4 * RATE, 2), np.float32)
    clicks[RATE :: RATE // 2] = 0.9
    mixed = _mixed((tone[:, None] + clicks).astype(np.float32), tmp_path, Mastering(-20.0))
    assert mixed.curve is not None
    gains = np.interp(np.arange(4 * RATE), np.arange(len(mixed.curve)) * 32, mixed.curve)
    assert gains.min() < 0.5
    assert np.abs(np.diff(gains) / gains[:-1]).max() < 0.02
    assert gains[: RATE - 1_000].min() == 1.0


def test_a_song_of_peaks_stays_quieter_and_says_so(tmp_path: Path) -> None:
    clicks = np.zeros((5 * RATE, 2), np.float32)
    clicks[::22_050] = 0.9
    mixed = _mixed(clicks, tmp_path, Mastering(-14.0))
    assert mixed.level.outcome is Outcome.TRUE_PEAK
    assert mixed.level.limited_db == pytest.approx(MOST_LIMITING_DB, abs=0.1)
    assert ffmpeg_reading(_finished(mixed), RATE)[1] <= -1.0


@pytest.mark.parametrize("rate", [22_050, 48_000, 96_000])
def test_other_rates(rate: int, tmp_path: Path) -> None:
    mixed = _mixed(_struck(rate=rate), tmp_path, Mastering(-19.0), rate)
    loudness, peak = ffmpeg_reading(_finished(mixed), rate)
    assert loudness == pytest.approx(-19.0, abs=0.2)
    assert peak <= -1.0


def test_without_mastering_the_sum_is_the_song(tmp_path: Path) -> None:
    pcm = _struck() / np.float32(1.01 * np.abs(_struck()).max())
    mixed = _mixed(pcm, tmp_path, Mastering(None))
    assert (mixed.level.gain_db, mixed.level.outcome, mixed.curve) == (0.0, Outcome.AS_SUMMED, None)
    assert np.array_equal(_finished(mixed), pcm)


@pytest.mark.parametrize("sign", [1, -1])
def test_without_mastering_nothing_is_clipped_either(sign: int, tmp_path: Path) -> None:
    pcm = np.float32(sign) * np.abs(_struck()) * np.float32(4)
    mixed = _mixed(pcm, tmp_path, Mastering(None))
    finished = _finished(mixed)
    assert mixed.level.outcome is Outcome.FULL_SCALE
    assert finished.min() >= -1
    assert finished.max() < 1
    assert np.abs(finished).max() > 0.999


@pytest.mark.parametrize("frames", [1, 44_100])
def test_silence_stays_silence(frames: int, tmp_path: Path) -> None:
    mixed = _mixed(np.zeros((frames, 2), np.float32), tmp_path, Mastering())
    assert (mixed.level.gain_db, mixed.level.outcome) == (0.0, Outcome.SILENCE)
    assert (mixed.loudness_lufs, mixed.true_peak_dbtp) == (None, None)
    assert _finished(mixed).shape == (frames, 2)


def test_a_whisper_is_not_raised(tmp_path: Path) -> None:
    mixed = _mixed(noise(44_100, level=1e-5), tmp_path, Mastering())
    assert (mixed.level.gain_db, mixed.level.outcome) == (0.0, Outcome.SILENCE)


@pytest.mark.parametrize("frames", [1, 441, 17_000])
def test_less_than_a_gating_block_has_a_level_too(frames: int, tmp_path: Path) -> None:
    mixed = _mixed(np.sin(np.arange(1, frames + 1) / 7).astype(np.float32)[:, None], tmp_path, Mastering(-6.0))
    assert mixed.loudness_lufs is not None
    assert np.abs(_finished(mixed)).max() <= 10 ** (-1 / 20)


def test_cancelling_while_a_song_is_mastered_leaves_nothing(tmp_path: Path) -> None:
    performed: list[float] = []
    pcm = _struck(2)
    song = Arrangement(RATE, len(pcm), (voice("a", whole(len(pcm))),), Mastering(-19.0))
    with pytest.raises(Cancelled):
        mix(
            song,
            {"a": ArraySource(pcm, RATE)},
            tmp_path / "mix",
            progress=performed.append,
            cancelled=lambda: bool(performed) and performed[-1] >= 0.8,
        )
    assert not (tmp_path / "mix").exists()


def test_the_same_voices_give_the_same_mix(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "other").mkdir()
    one, other = (_mixed(_struck(3), tmp_path / name, Mastering(-10.0)) for name in ("one", "other"))
    assert one.level == other.level
    assert np.array_equal(_finished(one), _finished(other))
