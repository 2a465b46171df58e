"""Tracks of every shape through the engine; a network that changes nothing shows what the engine itself does."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch

from services.separation.engine.errors import SeparationCancelled, UnsupportedAudio
from services.separation.engine.network import Model
from services.separation.engine.resampling import Pcm
from services.separation.engine.stems import HIGHEST_RATE, LOWEST_RATE, separate, separate_blocks

RATES = [8_000, 11_025, 22_050, 32_000, 44_100, 48_000, 88_200, 96_000, 192_000]


def music(frames: int, channels: int, rate: int) -> Pcm:
    """A chord well inside every rate's band, (frames, channels), each channel another one; fades at both ends."""
    seconds = np.arange(frames) / rate
    voices = [np.sin(2 * np.pi * pitch * seconds) for pitch in (220.0, 554.4, 1318.5)]
    chord = np.stack([0.2 * np.sum(np.roll(voices, n, axis=0)[:2], axis=0) for n in range(channels)], axis=1)
    fade = np.minimum(1.0, np.minimum(np.arange(frames), np.arange(frames)[::-1]) / (0.05 * rate))
    samples: Pcm = (chord * fade[:, None]).astype(np.float32)
    return samples


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("rate", RATES)
def test_stems_are_the_track_at_its_own_rate(echo: Model, rate: int, channels: int) -> None:
    track = music(int(1.3 * rate) + 7, channels, rate)
    stems = separate(echo, track, rate)
    assert list(stems) == list(echo.card.stems)
    for stem in stems.values():
        assert stem.dtype == np.float32
        np.testing.assert_allclose(stem, track, atol=1e-4, rtol=0)


@pytest.mark.parametrize("rate", [8_000, 48_000, 96_000, 192_000])
def test_clicks_stay_in_their_place(echo: Model, rate: int) -> None:
    track = np.zeros((rate, 2), dtype=np.float32)
    places = np.arange(rate // 20, rate, rate // 10)
    track[places] = 0.9
    for stem in separate(echo, track, rate).values():
        for place in places:
            around = np.abs(stem[place - 20 : place + 21, 0])
            assert abs(int(np.argmax(around)) - 20) <= 1


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("rate", [8_000, 44_100, 48_000, 192_000])
@pytest.mark.parametrize("frames", [1, 2, 3, 17, 800, 4_409, 22_051])
def test_any_length_is_kept(tiny: Model, rate: int, channels: int, frames: int) -> None:
    track = np.random.default_rng(frames).uniform(-0.5, 0.5, (frames, channels)).astype(np.float32)
    for stem in separate(tiny, track, rate).values():
        assert stem.shape == track.shape
        assert np.isfinite(stem).all()


@pytest.mark.parametrize("rate", [8_000, 44_100, 192_000])
def test_silence_gives_silence(tiny: Model, rate: int) -> None:
    for stem in separate(tiny, np.zeros((rate, 2), dtype=np.float32), rate).values():
        assert stem.shape == (rate, 2)
        assert not stem.any()


def test_silence_does_not_wait_for_the_network(echo: Model) -> None:
    told: list[tuple[int, int]] = []
    deaf = replace(echo, network=torch.nn.Identity())
    stems = separate(deaf, np.zeros((90_000, 1), dtype=np.float32), 44_100, progress=lambda *now: told.append(now))
    assert [stem.shape for stem in stems.values()] == [(90_000, 1)] * 4
    assert told == [(1, 1)]


def test_a_constant_offset_is_kept(echo: Model) -> None:
    """The normalisation takes the track's mean away and gives it back, to every stem as demucs does."""
    track = music(50_000, 2, 44_100) + np.float32(0.3)
    for stem in separate(echo, track, 44_100).values():
        np.testing.assert_allclose(stem, track, atol=1e-5, rtol=0)


def test_almost_silence_is_no_noise(tiny: Model) -> None:
    track = np.zeros((30_000, 2), dtype=np.float32)
    track[15_000] = 1e-7
    for stem in separate(tiny, track, 44_100).values():
        assert np.abs(stem).max() < 1e-5


@pytest.mark.parametrize("level", [-1.0, 0.25])
def test_a_constant_is_finite(tiny: Model, level: float) -> None:
    for stem in separate(tiny, np.full((30_000, 2), level, dtype=np.float32), 44_100).values():
        assert np.isfinite(stem).all()


def test_level_is_not_changed_by_the_track_s_level(echo: Model) -> None:
    loud = 8 * music(50_000, 2, 44_100)
    np.testing.assert_allclose(separate(echo, loud, 44_100)["bass"], loud, atol=1e-5, rtol=0)


def test_blocks_are_the_stems(tiny: Model) -> None:
    track = music(40_000, 2, 32_000)
    whole = separate(tiny, track, 32_000)
    blocks = list(separate_blocks(tiny, track, 32_000))
    assert len(blocks) > 1
    for name, stem in whole.items():
        np.testing.assert_array_equal(np.concatenate([block[name] for block in blocks]), stem)


def test_progress_reaches_the_end(echo: Model) -> None:
    told: list[tuple[int, int]] = []
    separate(echo, music(60_000, 1, 44_100), 44_100, progress=lambda *now: told.append(now))
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_cancelled(echo: Model) -> None:
    with pytest.raises(SeparationCancelled):
        separate(echo, music(60_000, 1, 44_100), 44_100, cancelled=lambda: True)


def spoilt(spoil: Callable[[Pcm], None]) -> Pcm:
    track = music(1_000, 2, 44_100)
    spoil(track)
    return track


@pytest.mark.parametrize(
    ("track", "rate", "reason"),
    [
        (np.zeros((100, 3), dtype=np.float32), 44_100, "3 channels"),
        (np.zeros((100, 9), dtype=np.float32), 44_100, "9 channels"),
        (np.zeros((100, 0), dtype=np.float32), 44_100, "0 channels"),
        (np.zeros((0, 2), dtype=np.float32), 44_100, "no samples"),
        (np.zeros(100, dtype=np.float32), 44_100, "shape"),
        (np.zeros((100, 2), dtype=np.float64), 44_100, "float64"),
        (np.zeros((100, 2), dtype=np.float32), LOWEST_RATE - 1, "7999 Hz"),
        (np.zeros((100, 2), dtype=np.float32), HIGHEST_RATE + 1, "192001 Hz"),
        (spoilt(lambda pcm: pcm.__setitem__((5, 0), np.nan)), 44_100, "NaN"),
        (spoilt(lambda pcm: pcm.__setitem__((5, 1), np.inf)), 44_100, "infinite"),
    ],
)
def test_what_cannot_be_separated(echo: Model, track: Pcm, rate: int, reason: str) -> None:
    with pytest.raises(UnsupportedAudio, match=reason):
        separate(echo, track, rate)
