"""What a track is, what is refused of it, and its level."""

from collections.abc import Callable

import numpy as np
import pytest
import torch

from services.separation.engine.errors import SeparationCancelled, TrackUnreadable, UnsupportedAudio
from services.separation.engine.track import HIGHEST_RATE, LOWEST_RATE, ArrayTrack, Pcm, SeparableTrack, level_of

RATE = 8_000


def noise(frames: int, channels: int = 2, offset: float = 0.0) -> Pcm:
    samples = np.random.default_rng(frames).normal(offset, 0.1, (frames, channels))
    return samples.astype(np.float32)


@pytest.mark.parametrize(
    ("pcm", "reason"),
    [
        (np.zeros(100, dtype=np.float32), "shape"),
        (np.zeros((100, 2), dtype=np.float64), "float64"),
    ],
)
def test_arrays_that_are_no_tracks(pcm: Pcm, reason: str) -> None:
    with pytest.raises(UnsupportedAudio, match=reason):
        ArrayTrack(pcm, RATE)


@pytest.mark.parametrize(
    ("shape", "rate", "reason"),
    [
        ((100, 3), RATE, "3 channels"),
        ((100, 9), RATE, "9 channels"),
        ((100, 0), RATE, "0 channels"),
        ((0, 2), RATE, "no samples"),
        ((100, 2), LOWEST_RATE - 1, "7999 Hz"),
        ((100, 2), HIGHEST_RATE + 1, "192001 Hz"),
    ],
)
def test_tracks_that_cannot_be_separated(shape: tuple[int, int], rate: int, reason: str) -> None:
    with pytest.raises(UnsupportedAudio, match=reason):
        SeparableTrack(ArrayTrack(np.zeros(shape, dtype=np.float32), rate))


class Damaged(ArrayTrack):
    """A track that says it is longer than it is."""

    def __init__(self, pcm: Pcm, rate: int, frames: int) -> None:
        super().__init__(pcm, rate)
        self.frames = frames


class Unreadable(ArrayTrack):
    """A track whose decoder gives up."""

    def __init__(self, error: Exception) -> None:
        super().__init__(noise(100), RATE)
        self.error = error

    def read(self, start: int, stop: int) -> Pcm:
        raise self.error


def test_a_track_that_ends_early_is_unreadable() -> None:
    track = SeparableTrack(Damaged(noise(900), RATE, frames=1_000))
    np.testing.assert_array_equal(track.read(100, 900), noise(900)[100:])
    with pytest.raises(TrackUnreadable, match=r"Frames 850 to 950 of a track of 1000.* 50 came"):
        track.read(850, 950)


@pytest.mark.parametrize("error", [OSError("disk"), EOFError("end"), RuntimeError("decoder")])
def test_what_a_decoder_says_is_passed_on(error: Exception) -> None:
    with pytest.raises(TrackUnreadable, match=str(error)):
        SeparableTrack(Unreadable(error)).read(0, 10)


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("offset", [0.0, 0.3, -400.0])
@pytest.mark.parametrize("frames", [2, 17, RATE - 1, RATE, RATE + 1, 5 * RATE + 7])
def test_the_level_is_that_of_the_whole_mono_sum(frames: int, channels: int, offset: float) -> None:
    pcm = noise(frames, channels, offset)
    level = level_of(ArrayTrack(pcm, RATE))
    mono = torch.from_numpy(pcm).double().mean(1)
    assert level.mean == pytest.approx(mono.mean().item(), rel=1e-12, abs=1e-15)
    assert level.deviation == pytest.approx(mono.std().item() + 1e-8, rel=1e-9)
    assert level.peak == np.abs(pcm).max()


def test_one_sample_is_heard_at_its_own_level() -> None:
    level = level_of(ArrayTrack(np.array([[-0.25, 0.5]], dtype=np.float32), RATE))
    assert (level.mean, level.deviation, level.silent) == (0.0, 0.5, False)


@pytest.mark.parametrize("frames", [1, 2, 3 * RATE])
def test_silence_is_silent_and_can_be_divided_by(frames: int) -> None:
    level = level_of(ArrayTrack(np.zeros((frames, 2), dtype=np.float32), RATE))
    assert level.silent
    assert level.deviation == 1e-8


def test_one_click_is_not_silence() -> None:
    pcm = np.zeros((3 * RATE, 2), dtype=np.float32)
    pcm[-1, 1] = 1e-7
    assert not level_of(ArrayTrack(pcm, RATE)).silent


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("place", [0, 2 * RATE + 5, 3 * RATE - 1])
def test_samples_that_are_no_numbers_are_refused(value: float, place: int) -> None:
    pcm = noise(3 * RATE)
    pcm[place, 1] = value
    with pytest.raises(UnsupportedAudio, match=f"not numbers .* near {place // RATE} s"):
        level_of(ArrayTrack(pcm, RATE))


def never_after(seconds: int) -> Callable[[], bool]:
    answers = iter([False] * seconds + [True])
    return lambda: next(answers)


def test_the_first_pass_can_be_cancelled() -> None:
    with pytest.raises(SeparationCancelled, match=f"frame {2 * RATE} of {5 * RATE}"):
        level_of(ArrayTrack(noise(5 * RATE), RATE), never_after(2))
