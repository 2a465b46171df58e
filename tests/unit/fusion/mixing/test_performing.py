"""Arrangements become sound."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from services.fusion.mixing.arrangement import (
    Arrangement,
    Band,
    Compressor,
    Delay,
    Effects,
    Mastering,
    Piece,
    Reverb,
    Voice,
)
from services.fusion.mixing.checking import InvalidArrangement
from services.fusion.mixing.mixdown import mix
from services.fusion.mixing.progress import Cancelled
from services.fusion.mixing.sources import ArraySource, FileSource, InvalidSource, Pcm, Source
from tests.songs import compose
from tests.unit.fusion.mixing.arranged import RATE, arranged, noise, performed, voice, whole

EVERYTHING = Effects(
    low_cut_hz=100,
    high_cut_hz=9_000,
    bands=(Band("peak", 1_000, 4.0), Band("low_shelf", 200, -3.0)),
    compressor=Compressor(-25, 4.0, makeup_db=4),
    delay=Delay(0.09, 0.4, 0.3),
    reverb=Reverb(0.5, 0.3),
)


def test_the_stems_of_a_track_and_what_they_leave_are_the_track_bit_for_bit(tmp_path: Path) -> None:
    track = (compose(seconds=3).mix * 2**23).round().astype(np.int32)
    left = track.copy()
    sources: dict[str, Source] = {}
    for number, pcm in enumerate(compose(seconds=3).stems.values()):
        steps = (pcm * 2**23 * 0.9).round().astype(np.int32)
        left -= steps
        soundfile.write(tmp_path / f"{number}.flac", steps << 8, RATE, subtype="PCM_24")
        sources[str(number)] = FileSource(tmp_path / f"{number}.flac")
    soundfile.write(tmp_path / "left.wav", left << 8, RATE, subtype="PCM_24")
    sources["left"] = FileSource(tmp_path / "left.wav")
    voices = tuple(voice(key, whole(len(track))) for key in sources)
    mixed = mix(Arrangement(RATE, len(track), voices, Mastering(None)), sources, tmp_path / "mix")
    heard = np.concatenate(list(mixed.blocks(mixed.level.gain_db)))
    assert np.array_equal(np.rint(heard * 2.0**23).astype(np.int32), track)


def test_stems_alone_are_the_mix_to_90_decibels() -> None:
    song = compose(seconds=3)
    heard = performed(*arranged(song.stems))
    assert np.abs(heard - song.mix).max() < 10 ** (-90 / 20)


def test_every_voice_is_heard_at_its_place() -> None:
    first, second = noise(30_000, seed=1), noise(20_000, seed=2)
    later = Piece(((25_001, 0.0), (45_001, 20_000 / RATE)))
    sources: dict[str, Source] = {"a": ArraySource(first, RATE), "b": ArraySource(second, RATE)}
    heard = performed(Arrangement(RATE, 60_000, (voice("a", whole(30_000)), voice("b", later))), sources)
    expected = np.zeros((60_000, 2))
    expected[:30_000] += first
    expected[25_001:45_001] += second
    assert np.array_equal(heard, expected.astype(np.float32))


def test_a_muted_voice_is_not_read() -> None:
    class Silent(ArraySource):
        def read(self, start: int, frames: int) -> Pcm:
            raise AssertionError("a muted voice is not read")

    arrangement, sources = arranged({"a": noise(1000), "b": noise(5000, seed=1)})
    sources["b"] = Silent(noise(5000), RATE)
    muted = replace(arrangement, voices=(arrangement.voices[0], replace(arrangement.voices[1], muted=True)))
    each: list[str] = []
    heard = performed(muted, sources, each=lambda name, _: each.append(name))
    assert np.array_equal(heard[:1000], noise(1000))
    assert not heard[1000:].any()
    assert set(each) == {"a"}


def test_a_song_of_muted_voices_is_silence() -> None:
    assert not performed(*arranged({"a": noise(40_000)}, muted=True)).any()


@pytest.mark.parametrize("channels", [1, 2])
def test_gain_and_pan(channels: int) -> None:
    pcm = noise(2000, channels)
    left = performed(*arranged({"a": pcm}, gain_db=-6.0206, pan=-1.0))
    assert np.allclose(left[:, 0], pcm.sum(axis=1) / 2, atol=1e-6)
    assert np.abs(left[:, 1]).max() < 1e-7


def test_a_gain_curve_runs_straight_in_decibels() -> None:
    curve = ((10_000, 0.0), (20_000, -12.0), (30_000, -12.0))
    heard = performed(*arranged({"a": np.ones((40_000, 2), np.float32)}, gain_curve=curve))
    decibels = 20 * np.log10(heard[:, 0])
    assert decibels[[0, 10_000, 12_500, 15_000, 20_000, 39_999]] == pytest.approx([0, 0, -3, -6, -12, -12], abs=1e-4)


@pytest.mark.parametrize(("frames", "middle"), [(10_000, np.sqrt(0.5)), (400, 0.5)])
def test_fades_have_equal_power_and_are_straight_where_short(frames: int, middle: float) -> None:
    heard = performed(*arranged({"a": np.ones((40_000, 2), np.float32)}, fade_in_frames=frames, fade_out_frames=frames))
    gains = heard[:, 1]
    assert gains[frames // 2] == pytest.approx(middle, abs=0.01)
    assert gains[40_000 - frames // 2] == pytest.approx(middle, abs=0.01)
    assert gains[0] < 0.01
    assert gains[-1] < 0.01
    assert np.array_equal(gains, gains[::-1])
    assert (gains[frames : 40_000 - frames] == 1).all()


def test_other_rates_keep_length_and_pitch() -> None:
    time = np.arange(48_000 * 2) / 48_000
    tone = np.repeat(np.sin(2 * np.pi * 440 * time).astype(np.float32)[:, None], 2, axis=1)
    arrangement = Arrangement(RATE, 2 * RATE, (voice("a", Piece(((0, 0.0), (2 * RATE, 2.0)))),))
    heard = performed(arrangement, {"a": ArraySource(tone, 48_000)})
    expected = np.sin(2 * np.pi * 440 * np.arange(2 * RATE) / RATE)
    assert np.abs(heard[500:-500, 0] - expected[500:-500]).max() < 1e-4


@pytest.mark.parametrize("effects", [Effects(), EVERYTHING], ids=["plain", "effects"])
@pytest.mark.parametrize("window", [(0, 20_000), (50_123, 90_001), (100_000, 120_000)])
def test_a_window_sounds_as_in_the_whole(effects: Effects, window: tuple[int, int]) -> None:
    song = arranged(
        {"a": noise(120_000, seed=1), "b": noise(90_000, 1, seed=2)}, effects=effects, fade_out_frames=9_000
    )
    expected = performed(*song)[slice(*window)]
    heard = performed(*song, window=window)
    assert heard.shape == expected.shape
    assert np.abs(heard - expected).max() < 1e-6


def test_what_each_voice_adds_is_the_sum() -> None:
    names = ["a", "b", "c"]
    arrangement, sources = arranged({name: noise(40_000, seed=n) for n, name in enumerate(names)}, effects=EVERYTHING)
    alone: dict[str, list[Pcm]] = {name: [] for name in names}
    heard = performed(arrangement, sources, each=lambda name, block: alone[name].append(block))
    total = sum(np.concatenate(blocks).astype(np.float64) for blocks in alone.values())
    assert np.abs(heard - total).max() < 1e-6


@pytest.mark.parametrize("threads", [2, 7])
def test_the_number_of_threads_makes_no_difference(threads: int) -> None:
    song = arranged({str(n): noise(50_000, seed=n) for n in range(5)}, effects=EVERYTHING, pan=0.3)
    assert np.array_equal(performed(*song, threads=1), performed(*song, threads=threads))


def test_two_voices_of_one_file_do_not_disturb_each_other(tmp_path: Path) -> None:
    pcm = noise(60_000)
    soundfile.write(tmp_path / "a.wav", pcm, RATE, subtype="FLOAT")
    later = Piece(((1_000, 0.0), (61_000, 60_000 / RATE)))
    voices = (Voice("one", "a", (whole(60_000),)), Voice("other", "a", (later,)))
    with FileSource(tmp_path / "a.wav") as source:
        heard = performed(Arrangement(RATE, 61_000, voices), {"a": source})
    expected = np.zeros((61_000, 2))
    expected[:60_000] += pcm
    expected[1_000:] += pcm
    assert np.array_equal(heard, expected.astype(np.float32))


class _Endless:
    """A source that takes no memory, however long it is."""

    sample_rate = RATE
    channels = 2

    def __init__(self, frames: int) -> None:
        self.frames = frames

    def read(self, start: int, frames: int) -> Pcm:
        return np.full((frames, 2), 0.02, np.float32)


@pytest.mark.parametrize(("voices", "seconds"), [(2, 20), (64, 6)])
def test_memory_does_not_grow_with_length(voices: int, seconds: int, tmp_path: Path) -> None:
    """A few blocks a voice are held, whichever threads are ahead; far less than all that is heard."""
    frames = seconds * RATE
    song = Arrangement(RATE, frames, tuple(voice(str(n), whole(frames)) for n in range(voices)))
    sources = {str(n): _Endless(frames) for n in range(voices)}
    tracemalloc.start()
    try:
        mix(song, sources, tmp_path / "mix")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 5_000_000 + voices * 1_000_000
    assert voices * frames * 8 > 1.7 * (5_000_000 + voices * 1_000_000)


def test_progress_rises_to_one(tmp_path: Path) -> None:
    heard: list[float] = []
    mix(*arranged({"a": noise(100_000)}, lufs=-14.0), tmp_path / "mix", progress=heard.append)
    assert heard == sorted(heard)
    assert heard[-1] == 1.0
    assert len(heard) > 3


def test_cancelling_leaves_nothing(tmp_path: Path) -> None:
    asked: list[bool] = []

    def cancelled() -> bool:
        asked.append(True)
        return len(asked) > 5

    with pytest.raises(Cancelled):
        mix(*arranged({"a": noise(200_000)}), tmp_path / "mix", cancelled=cancelled)
    assert not (tmp_path / "mix").exists()


def test_a_damaged_stem_is_named(tmp_path: Path) -> None:
    class Damaged(ArraySource):
        def read(self, start: int, frames: int) -> Pcm:
            raise InvalidSource("ended after 5 of 10 frames")

    arrangement, sources = arranged({"vocals": noise(1000)})
    sources["vocals"] = Damaged(noise(1000), RATE)
    with pytest.raises(InvalidSource, match="vocals: ended after 5 of 10 frames"):
        mix(arrangement, sources, tmp_path / "mix")
    assert not (tmp_path / "mix").exists()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"gain_db": 12.5}, "SETTING_OUT_OF_RANGE"),
        ({"gain_db": float("nan")}, "SETTING_OUT_OF_RANGE"),
        ({"pan": -1.1}, "SETTING_OUT_OF_RANGE"),
        ({"cents": 2_500.0}, "SETTING_OUT_OF_RANGE"),
        ({"fade_in_frames": -1}, "SETTING_OUT_OF_RANGE"),
        ({"gain_curve": ((0, 0.0), (10, 20.0))}, "SETTING_OUT_OF_RANGE"),
        ({"gain_curve": ((10, 0.0), (10, 1.0))}, "PIECES_UNORDERED"),
        ({"source": "b"}, "SOURCE_MISSING"),
        ({"pieces": (Piece(((0, 0.0),)),)}, "PIECES_UNORDERED"),
        ({"pieces": (Piece(((-5, 0.0), (10, 1.0))),)}, "PIECES_UNORDERED"),
        ({"pieces": (Piece(((0, 1.0), (10, 1.0))),)}, "PIECES_UNORDERED"),
        ({"pieces": (whole(1000), whole(1000))}, "PIECES_UNORDERED"),
        ({"effects": Effects(low_cut_hz=5.0)}, "EFFECT_OUT_OF_RANGE"),
    ],
)
def test_voices_that_cannot_be_performed(changes: dict[str, Any], code: str) -> None:
    arrangement, sources = arranged({"a": noise(1000)}, **changes)
    with pytest.raises(InvalidArrangement, match="a: ") as caught:
        performed(arrangement, sources)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"voices": ()}, "NOTHING_TO_HEAR"),
        ({"frames": 0}, "NOTHING_TO_HEAR"),
        ({"voices": (voice("a", whole(10)), voice("a", whole(10)))}, "VOICE_TWICE"),
        ({"sample_rate": 1}, "SETTING_OUT_OF_RANGE"),
        ({"mastering": Mastering(-3.0)}, "SETTING_OUT_OF_RANGE"),
        ({"mastering": Mastering(-14.0, 1.0)}, "SETTING_OUT_OF_RANGE"),
    ],
)
def test_arrangements_that_cannot_be_performed(changes: dict[str, Any], code: str) -> None:
    arrangement, sources = arranged({"a": noise(1000)})
    with pytest.raises(InvalidArrangement) as caught:
        performed(replace(arrangement, **changes), sources)
    assert caught.value.code == code


@pytest.mark.parametrize("window", [(-1, 10), (10, 10), (500, 1001)])
def test_windows_outside_the_song(window: tuple[int, int]) -> None:
    with pytest.raises(InvalidArrangement, match="1000 frames") as caught:
        performed(*arranged({"a": noise(1000)}), window=window)
    assert caught.value.code == "WINDOW_OUTSIDE"
