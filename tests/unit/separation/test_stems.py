"""Tracks of every shape through the engine; a network that changes nothing shows what the engine itself does."""

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from demucs.apply import BagOfModels, apply_model

from services.separation.engine.errors import SeparationCancelled, TrackUnreadable, UnsupportedAudio
from services.separation.engine.inference import DirectInference
from services.separation.engine.stems import Ensemble, separate, separate_blocks
from services.separation.engine.track import ArrayTrack, Pcm
from tests.unit.separation.networks import STEMS, Echo, Refusing, alone, small_hdemucs, small_htdemucs

RATES = [8_000, 11_025, 22_050, 32_000, 44_056, 44_100, 47_999, 48_000, 88_200, 96_000, 192_000]

pytestmark = pytest.mark.usefixtures("one_thread")


def music(frames: int, channels: int, rate: int) -> Pcm:
    """A chord well inside every rate's band, (frames, channels), each channel another one; fades at both ends."""
    seconds = np.arange(frames) / rate
    voices = [np.sin(2 * np.pi * pitch * seconds) for pitch in (220.0, 554.4, 1318.5)]
    chord = np.stack([0.2 * np.sum(np.roll(voices, n, axis=0)[:2], axis=0) for n in range(channels)], axis=1)
    fade = np.minimum(1.0, np.minimum(np.arange(frames), np.arange(frames)[::-1]) / (0.1 * rate))
    samples: Pcm = (chord * np.sin(np.pi / 2 * fade[:, None]) ** 4).astype(np.float32)
    return samples


def noise(frames: int, channels: int = 2, loud: float = 0.5) -> Pcm:
    return np.random.default_rng(frames).uniform(-loud, loud, (frames, channels)).astype(np.float32)


def joined(ensemble: Ensemble, track: Pcm, rate: int, start: int = 0) -> dict[str, bytes]:
    """The bytes of the stems from `start` on."""
    blocks = list(separate_blocks(ensemble, ArrayTrack(track, rate), start=start))
    return {name: b"".join(block[name].tobytes() for block in blocks) for name in STEMS}


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("rate", RATES)
def test_stems_are_the_track_at_its_own_rate(echo: Echo, rate: int, channels: int) -> None:
    track = music(int(1.3 * rate) + 7, channels, rate)
    stems = separate(alone(echo), track, rate)
    assert tuple(stems) == STEMS
    for stem in stems.values():
        assert stem.dtype == np.float32
        np.testing.assert_allclose(stem, track, atol=1e-5, rtol=0)


@pytest.mark.parametrize("rate", RATES)
def test_clicks_stay_in_their_place(echo: Echo, rate: int) -> None:
    track = np.zeros((rate + rate // 3, 2), dtype=np.float32)
    places = np.arange(rate // 20, len(track), rate // 10)
    track[places] = 0.9
    stem = separate(alone(echo), track, rate)["bass"][:, 0]
    for place in places:
        first = place - 20
        assert abs(first + int(np.argmax(np.abs(stem[first : place + 21]))) - place) <= 1


@pytest.mark.parametrize("rate", [44_100, 48_000])
def test_a_steady_tone_stays_steady(echo: Echo, rate: int) -> None:
    """Neither where windows begin and end nor between resampled seconds is there a step of more than -126 dB."""
    tone = (0.3 * np.sin(2 * np.pi * 441 * np.arange(4 * rate) / rate)).astype(np.float32)[:, None]
    error = separate(alone(echo), tone, rate)["bass"] - tone
    assert np.abs(error[rate // 2 : -rate // 2]).max() < 2**-21


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("rate", [8_000, 44_100, 48_000, 192_000])
@pytest.mark.parametrize("frames", [1, 2, 3, 17, 800, 4_410, 22_051])
def test_any_length_is_kept(tiny: DirectInference, rate: int, channels: int, frames: int) -> None:
    for stem in separate(alone(tiny), noise(frames, channels), rate).values():
        assert stem.shape == (frames, channels)
        assert np.isfinite(stem).all()


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("rate", [44_100, 48_000])
def test_from_any_frame_on_it_is_the_end_of_an_unbroken_run(tiny: DirectInference, rate: int, channels: int) -> None:
    track = noise(rate + rate // 2, channels)
    everything = joined(alone(tiny), track, rate)
    for start in (1, rate - 1, rate, rate + 777, len(track) - 1, len(track)):
        begin = start * channels * 4
        assert joined(alone(tiny), track, rate, start) == {name: pcm[begin:] for name, pcm in everything.items()}


@pytest.fixture(scope="module")
def bag() -> list[DirectInference]:
    """Networks of two classes with windows of three lengths."""
    return [small_htdemucs(7, seconds=0.7), small_hdemucs(8, seconds=0.4), small_htdemucs(9, seconds=0.3)]


def test_a_bag_is_the_weighted_mean_of_its_networks(bag: list[DirectInference]) -> None:
    given = [[1.0, 2.0, 0.0, 1.0], [1.0, 1.0, 3.0, 1.0], [2.0, 0.0, 1.0, 1.0]]
    track = noise(50_001)
    models = BagOfModels([network.network for network in bag], given)  # type: ignore[misc]
    mix = torch.from_numpy(track.T.copy())
    mean, deviation = mix.mean(0).mean(), mix.mean(0).std() + 1e-8
    expected = apply_model(models, ((mix - mean) / deviation)[None], shifts=0, overlap=0.25)[0] * deviation

    share = np.array(given) / np.sum(given, axis=0)
    ensemble = [
        (network, {name: float(weight) for name, weight in zip(STEMS, row, strict=True) if weight})
        for network, row in zip(bag, share, strict=True)
    ]
    stems = separate(ensemble, track, 44_100)
    for number, name in enumerate(STEMS):
        np.testing.assert_allclose(stems[name], expected[number].numpy().T, atol=1e-5, rtol=0)


@pytest.mark.parametrize("rate", [44_100, 48_000])
def test_networks_in_step_give_the_same_bytes_from_any_frame_on(bag: list[DirectInference], rate: int) -> None:
    ensemble = [(network, dict.fromkeys(STEMS, 1 / 3)) for network in bag]
    track = noise(rate + rate // 4)
    everything = joined(ensemble, track, rate)
    for start in (rate - 5, rate + 777):
        assert joined(ensemble, track, rate, start) == {name: pcm[start * 8 :] for name, pcm in everything.items()}


def test_each_stem_may_come_from_another_network(bag: list[DirectInference]) -> None:
    first, second, _third = bag
    track = noise(30_000)
    stems = separate([(first, {"vocals": 1.0}), (second, {"drums": 1.0, "bass": 1.0})], track, 44_100)
    assert list(stems) == ["vocals", "drums", "bass"]
    np.testing.assert_array_equal(stems["vocals"], separate(alone(first), track, 44_100)["vocals"])
    np.testing.assert_array_equal(stems["bass"], separate(alone(second), track, 44_100)["bass"])


def test_networks_of_several_rates_are_refused(echo: Echo) -> None:
    other = Echo()
    other.card = type(echo.card)("slow", STEMS, 8_000, sample_rate=16_000)
    with pytest.raises(ValueError, match="one sample rate"):
        separate_blocks([*alone(echo), *alone(other)], ArrayTrack(noise(10), 44_100))


@pytest.mark.parametrize("start", [-1, 11])
def test_a_start_outside_of_the_track_is_refused(echo: Echo, start: int) -> None:
    with pytest.raises(ValueError, match="start must be"):
        separate_blocks(alone(echo), ArrayTrack(noise(10), 44_100), start=start)


def test_same_bytes_every_time(tiny: DirectInference) -> None:
    track = noise(100_000)
    assert joined(alone(tiny), track, 48_000) == joined(alone(tiny), track, 48_000)


def test_blocks_are_whole_seconds_and_together_the_stems(tiny: DirectInference) -> None:
    track = music(80_000, 2, 32_000)
    blocks = list(separate_blocks(alone(tiny), ArrayTrack(track, 32_000), start=100))
    assert [{len(pcm) for pcm in block.values()} for block in blocks] == [{31_900}, {32_000}, {16_000}]
    for name, stem in separate(alone(tiny), track, 32_000).items():
        np.testing.assert_array_equal(np.concatenate([block[name] for block in blocks]), stem[100:])


@pytest.mark.parametrize("rate", [8_000, 44_100, 192_000])
@pytest.mark.parametrize("channels", [1, 2])
def test_silence_gives_silence_without_asking_the_network(rate: int, channels: int) -> None:
    told: list[tuple[int, int]] = []
    silence = np.zeros((rate + 9, channels), dtype=np.float32)
    stems = separate(alone(Refusing()), silence, rate, progress=lambda *now: told.append(now))
    for stem in stems.values():
        assert stem.shape == silence.shape
        assert not stem.any()
    assert told == [(rate + 9, rate + 9)]


@pytest.mark.parametrize("offset", [0.3, -0.9])
def test_the_mean_is_not_in_the_stems(echo: Echo, offset: float) -> None:
    wanted = music(50_000, 2, 44_100)
    for stem in separate(alone(echo), wanted + np.float32(offset), 44_100).values():
        np.testing.assert_allclose(stem, wanted - wanted.mean(), atol=1e-5, rtol=0)


@pytest.mark.parametrize("level", [-1.0, 0.1])
@pytest.mark.parametrize("rate", [44_100, 48_000])
def test_a_constant_is_nearly_silent(tiny: DirectInference, level: float, rate: int) -> None:
    """At another rate its ends ring, as those of every edge do that lies between two samples."""
    for stem in separate(alone(tiny), np.full((60_000, 2), level, dtype=np.float32), rate).values():
        assert np.abs(stem).max() < (1e-6 if rate == 44_100 else 0.1)


def test_almost_silence_is_no_noise(tiny: DirectInference) -> None:
    track = np.zeros((30_000, 2), dtype=np.float32)
    track[15_000] = 1e-7
    for stem in separate(alone(tiny), track, 44_100).values():
        assert np.abs(stem).max() < 1e-5


def test_clipped_noise_is_kept_at_its_level(echo: Echo, tiny: DirectInference) -> None:
    track = np.clip(noise(60_000, loud=3.0), -1.0, 1.0)
    np.testing.assert_allclose(separate(alone(echo), track, 44_100)["bass"], track - track.mean(), atol=1e-5, rtol=0)
    assert all(np.isfinite(stem).all() for stem in separate(alone(tiny), track, 44_100).values())


@pytest.mark.parametrize("gain", [1e-4, 8.0])
def test_stems_are_as_loud_as_the_track(tiny: DirectInference, gain: float) -> None:
    track = music(60_000, 2, 44_100)
    loud = separate(alone(tiny), track * np.float32(gain), 44_100)
    for name, stem in separate(alone(tiny), track, 44_100).items():
        np.testing.assert_allclose(loud[name] / gain, stem, atol=1e-3 * np.abs(stem).max(), rtol=0)


def test_mono_is_stereo_with_two_equal_channels(tiny: DirectInference) -> None:
    mono = music(50_000, 1, 44_100)
    both = separate(alone(tiny), np.repeat(mono, 2, axis=1), 44_100)
    for name, stem in separate(alone(tiny), mono, 44_100).items():
        np.testing.assert_allclose(stem, both[name].mean(axis=1, keepdims=True), atol=1e-6, rtol=0)


@pytest.mark.parametrize("rate", [44_100, 22_050])
def test_progress_is_told_after_every_window(echo: Echo, rate: int) -> None:
    told: list[tuple[int, int]] = []
    track = music(2 * 60_000 * rate // 44_100, 1, rate)
    separate(alone(echo), track, rate, progress=lambda *now: told.append(now))
    strides = math.ceil(len(track) * 44_100 / rate / 16_537)
    assert told == [(min(n * 16_537 * rate // 44_100, len(track)), len(track)) for n in range(1, strides + 1)]


def test_progress_of_several_networks_goes_on_to_the_end() -> None:
    told: list[int] = []
    networks = [Echo(seconds=0.5), Echo(seconds=1.7), Echo(seconds=0.3)]
    ensemble = [(network, dict.fromkeys(STEMS, 1 / 3)) for network in networks]
    separate(ensemble, noise(200_000), 48_000, progress=lambda done, _total: told.append(done))
    assert told == sorted(told)
    assert told[-1] == 200_000
    assert len(told) > 20


def test_cancelled_between_windows(echo: Echo) -> None:
    done: list[int] = []
    with pytest.raises(SeparationCancelled, match="after 2 of 8 windows"):
        separate(
            alone(echo),
            music(120_000, 1, 44_100),
            44_100,
            progress=lambda now, _total: done.append(now),
            cancelled=lambda: len(done) == 2,
        )


def test_cancelled_while_the_level_is_taken() -> None:
    with pytest.raises(SeparationCancelled, match="measured"):
        separate(alone(Refusing()), music(60_000, 1, 44_100), 44_100, cancelled=lambda: True)


def spoilt(value: float, place: int) -> Pcm:
    track = music(50_000, 2, 44_100)
    track[place, 1] = value
    return track


@pytest.mark.parametrize("rate", [44_100, 48_000])
@pytest.mark.parametrize("place", [0, 45_000, 49_999])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_samples_that_are_no_numbers_are_refused(value: float, place: int, rate: int) -> None:
    with pytest.raises(UnsupportedAudio, match="not numbers"):
        separate(alone(Refusing()), spoilt(value, place), rate)


@pytest.mark.parametrize(
    ("shape", "rate", "reason"),
    [((100, 3), 44_100, "3 channels"), ((0, 2), 44_100, "no samples"), ((100, 2), 7_999, "7999 Hz")],
)
def test_tracks_that_cannot_be_separated_are_refused_at_once(shape: tuple[int, int], rate: int, reason: str) -> None:
    with pytest.raises(UnsupportedAudio, match=reason):
        separate_blocks(alone(Refusing()), ArrayTrack(np.zeros(shape, dtype=np.float32), rate))


class EndingEarly(ArrayTrack):
    """A track whose file holds less than it says, from a certain read on."""

    def __init__(self, pcm: Pcm, rate: int, good_reads: int, fail: Callable[[Pcm], Pcm]) -> None:
        super().__init__(pcm, rate)
        self.good_reads = good_reads
        self.fail = fail

    def read(self, start: int, stop: int) -> Pcm:
        self.good_reads -= 1
        pcm = super().read(start, stop)
        return pcm if self.good_reads >= 0 else self.fail(pcm)


def damaged(pcm: Pcm) -> Pcm:
    raise OSError("lost sync")


@pytest.mark.parametrize(("fail", "reason"), [(lambda pcm: pcm[:-1], "ends early"), (damaged, "lost sync")])
@pytest.mark.parametrize("good_reads", [0, 1, 120])
def test_a_track_that_ends_early_says_so(echo: Echo, fail: Callable[[Pcm], Pcm], reason: str, good_reads: int) -> None:
    """Whether the first pass meets it or the second, which reads again what is no longer remembered."""
    track = EndingEarly(music(100 * 8_000, 1, 8_000), 8_000, good_reads, fail)
    with pytest.raises(TrackUnreadable, match=reason):
        list(separate_blocks(alone(echo), track))
