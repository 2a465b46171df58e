"""Seconds that are made one by one: seamless, aligned, and the same bytes from any start."""

import math
from collections.abc import Generator

import numpy as np
import pytest
import soxr

from services.separation.engine.resampling import ForwardTrack, Resampled, context_frames
from services.separation.engine.track import ArrayTrack, Pcm, Track

NETWORK = 44_100
USUAL = [8_000, 11_025, 16_000, 22_050, 32_000, 48_000, 88_200, 96_000, 176_400, 192_000]
ODD = [44_056, 47_999, 191_999]


def noise(frames: int, channels: int = 2) -> Pcm:
    samples = np.random.default_rng(frames).normal(0, 0.2, (frames, channels))
    return samples.astype(np.float32)


def whole(track: Track) -> Pcm:
    return track.read(0, track.frames)


def there_and_back(pcm: Pcm, rate: int) -> Pcm:
    return Resampled(Resampled(ArrayTrack(pcm, rate), NETWORK), rate).read(0, len(pcm))


def decibels(difference: Pcm) -> float:
    return float(20 * np.log10(np.abs(difference).max() + 1e-30))


@pytest.mark.parametrize("back", [False, True])
@pytest.mark.parametrize("rate", USUAL)
def test_seconds_have_no_seams(rate: int, back: bool) -> None:
    """They are what the converter makes of the whole signal at once; only what is 0 before and after it is cut off."""
    source, target = (NETWORK, rate) if back else (rate, NETWORK)
    pcm = noise(int(3.3 * source))
    silence = np.zeros((source, 2), dtype=np.float32)
    expected = soxr.resample(np.concatenate([silence, pcm, silence]), source, target, quality="VHQ")[target:]
    made = whole(Resampled(ArrayTrack(pcm, source), target))
    assert decibels(made - expected[: len(made)]) < -130


@pytest.mark.parametrize("back", [False, True])
@pytest.mark.parametrize("rate", ODD)
def test_seconds_at_rates_that_have_no_divisor_in_common_have_no_audible_seams(rate: int, back: bool) -> None:
    source, target = (NETWORK, rate) if back else (rate, NETWORK)
    pcm, expected = (np.sin(2 * np.pi * 1000 * np.arange(3 * hertz) / hertz)[:, None] for hertz in (source, target))
    made = whole(Resampled(ArrayTrack(pcm.astype(np.float32), source), target))
    inside = slice(target // 2, -target // 2)
    assert decibels(made[inside] - expected[inside]) < -120


@pytest.mark.parametrize("rate", [*USUAL, *ODD, NETWORK])
def test_any_part_is_the_same_bytes(rate: int) -> None:
    track = ArrayTrack(noise(2 * rate + rate // 3), rate)
    everything = whole(Resampled(track, NETWORK))
    for start in (0, 1, NETWORK - 1, NETWORK, NETWORK + 4_321, len(everything) - 1, len(everything)):
        part = Resampled(track, NETWORK).read(start, len(everything))
        assert part.tobytes() == everything[start:].tobytes()


@pytest.mark.parametrize("rate", [*USUAL, *ODD, NETWORK])
@pytest.mark.parametrize("frames", [1, 2, 999, 70_001])
def test_lengths_are_exact(rate: int, frames: int) -> None:
    there = Resampled(ArrayTrack(np.zeros((frames, 1), dtype=np.float32), rate), NETWORK)
    back = Resampled(there, rate)
    assert there.frames == math.ceil(frames * NETWORK / rate)
    assert whole(there).shape == (there.frames, 1)
    assert back.frames >= frames


@pytest.mark.parametrize("rate", [*USUAL, *ODD])
def test_clicks_stay_in_their_place(rate: int) -> None:
    pcm = np.zeros((2 * rate + 99, 1), dtype=np.float32)
    places = range(0, len(pcm), rate // 9)
    pcm[list(places)] = 0.9
    back = np.abs(there_and_back(pcm, rate)[:, 0])
    for place in places:
        first = max(0, place - 20)
        assert abs(first + int(back[first : place + 21].argmax()) - place) <= 1


@pytest.mark.parametrize("rate", [*USUAL, *ODD])
def test_what_both_rates_can_hold_comes_back(rate: int) -> None:
    hertz = min(rate, NETWORK) * 0.2
    seconds = np.arange(2 * rate) / rate
    fade = np.minimum(1, np.minimum(seconds, 2 - seconds) / 0.2)[:, None] ** 2
    pcm = (fade * np.sin(2 * np.pi * hertz * seconds)[:, None]).astype(np.float32)
    assert decibels(there_and_back(pcm, rate) - pcm) < -95


@pytest.mark.parametrize("rate", [8_000, 47_999, 192_000])
def test_silence_stays_silence(rate: int) -> None:
    assert not there_and_back(np.zeros((rate, 2), dtype=np.float32), rate).any()


@pytest.mark.parametrize("rate", [8_000, 47_999, 48_000])
def test_context_ends_where_the_rates_meet(rate: int) -> None:
    for source, target in ((rate, NETWORK), (NETWORK, rate)):
        context = context_frames(source, target)
        assert context * target % source == 0
        assert context * min(source, target) >= 256 * source


class Recorded(ArrayTrack):
    """A track that knows what was read of it."""

    def __init__(self, pcm: Pcm, rate: int) -> None:
        super().__init__(pcm, rate)
        self.reads: list[tuple[int, int]] = []

    def read(self, start: int, stop: int) -> Pcm:
        self.reads.append((start, stop))
        return super().read(start, stop)


@pytest.mark.parametrize("rate", [48_000, NETWORK])
def test_remembered_seconds_are_read_once(rate: int) -> None:
    track = Recorded(noise(4 * rate), rate)
    resampled = Resampled(track, NETWORK, remembered=2)
    for start in (0, 30_000, NETWORK, NETWORK + 9):
        resampled.read(start, start + 20_000)
    assert len(track.reads) == 2
    resampled.read(2 * NETWORK, 2 * NETWORK + 1)
    resampled.read(NETWORK, NETWORK + 1)
    assert len(track.reads) == 3
    resampled.read(0, 1)
    assert len(track.reads) == 4


def test_it_reads_a_second_at_a_time() -> None:
    track = Recorded(noise(5 * 48_000), 48_000)
    whole(Resampled(track, NETWORK))
    assert max(stop - start for start, stop in track.reads) <= 48_000 + 2 * context_frames(48_000, NETWORK)


class Making:
    """Blocks of 10 frames that count up; knows how many were made and whether it was ended."""

    def __init__(self) -> None:
        self.made = 0
        self.ended = False

    def blocks_from(self, start: int) -> Generator[Pcm]:
        try:
            for first in range(start, 100, 10):
                self.made += 1
                yield np.arange(first, min(first + 10, 100), dtype=np.float32)[:, None]
        finally:
            self.ended = True


def test_a_forward_track_makes_what_is_read_and_no_more() -> None:
    making = Making()
    track = ForwardTrack(making.blocks_from, 8_000, 1, 100)
    for start, stop, made in ((25, 26, 1), (25, 35, 1), (30, 41, 2), (41, 41, 2), (41, 90, 7)):
        np.testing.assert_array_equal(track.read(start, stop)[:, 0], np.arange(start, stop))
        assert making.made == made


def test_a_forward_track_ends_its_making() -> None:
    making = Making()
    track = ForwardTrack(making.blocks_from, 8_000, 1, 100)
    track.close()
    track.read(0, 1)
    track.close()
    assert making.ended
