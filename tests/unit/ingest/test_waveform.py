"""Peaks: extremes survive every resolution and the way to disk and back."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.decoding import waveform

RATE = 8_000


def _measured(samples: npt.NDArray[np.int32], *blocks: int, rate: int = RATE) -> waveform.Waveform:
    gauge = waveform.Gauge(rate, samples.shape[1])
    for block in np.split(samples, np.cumsum(blocks)):
        gauge.add(block)
    return gauge.finish()


def _noise(frames: int, channels: int = 2, seed: int = 0) -> npt.NDArray[np.int32]:
    low, high = -(1 << 23), (1 << 23) - 1
    return np.random.default_rng(seed).integers(low, high, (frames, channels), np.int32, endpoint=True)


def test_each_bucket_has_its_extremes_and_power() -> None:
    samples = _noise(RATE)
    shape = _measured(samples)
    buckets = samples.reshape(-1, shape.bucket_frames * 2)
    assert shape.bucket_frames == RATE // waveform.BUCKETS_PER_SECOND
    assert shape.seconds_per_bucket == 1 / waveform.BUCKETS_PER_SECOND
    assert np.array_equal(shape.lowest, buckets.min(1) >> 8)
    assert np.array_equal(shape.highest, np.minimum(-(-buckets.max(1) >> 8), 32767))
    power = np.sqrt((buckets / 256.0) ** 2 @ np.full(buckets.shape[1], 1 / buckets.shape[1]))
    assert np.abs(shape.rms - power).max() <= 1


@given(st.lists(st.integers(0, 700), max_size=6))
def test_the_blocks_in_which_samples_arrive_do_not_matter(blocks: list[int]) -> None:
    samples = _noise(1777, channels=1)
    whole, pieces = _measured(samples), _measured(samples, *blocks)
    assert waveform.to_bytes(whole) == waveform.to_bytes(pieces)


def test_full_scale_and_silence() -> None:
    loud = np.array([[-(1 << 23)], [(1 << 23) - 1]], np.int32).repeat(RATE, 0)
    shape = _measured(loud)
    assert (shape.lowest.min(), shape.highest.max(), shape.rms.max()) == (-32768, 32767, 32767)
    silent = _measured(np.zeros((RATE, 2), np.int32))
    assert not any(part.any() for part in (silent.lowest, silent.highest, silent.rms))


def test_the_faintest_sample_still_shows() -> None:
    samples = np.zeros((RATE, 1), np.int32)
    samples[100], samples[5000] = 1, -1
    shape = _measured(samples)
    assert (shape.highest.max(), shape.lowest.min()) == (1, -1)


def test_a_long_song_is_merged_to_a_bounded_number_of_buckets() -> None:
    frames = 10 * RATE * waveform.MOST_BUCKETS // 1000 + 7
    samples = _noise(frames, channels=1)
    shape = _measured(samples)
    assert len(shape.lowest) <= waveform.MOST_BUCKETS
    assert shape.bucket_frames == 3 * RATE // waveform.BUCKETS_PER_SECOND
    assert -(-frames // shape.bucket_frames) == len(shape.lowest)
    assert (shape.lowest.min(), shape.highest.max()) == (samples.min() >> 8, min(32767, -(-samples.max() >> 8)))
    last = samples[(len(shape.lowest) - 1) * shape.bucket_frames :] / 256.0
    assert shape.rms[-1] == pytest.approx(np.sqrt((last**2).mean()), abs=1)


@given(st.integers(1, 9000), st.integers(waveform.FEWEST_POINTS, waveform.MOST_POINTS), st.integers(0, 9))
def test_resampling_keeps_every_extreme(buckets: int, points: int, seed: int) -> None:
    levels = np.random.default_rng(seed).integers(-32768, 32767, (3, buckets), np.int16)
    shape = waveform.Waveform(RATE, 2, buckets * 40, 40, levels[0], levels[1], np.abs(levels[2] // 2))
    peaks = waveform.resample_peaks(shape, points)
    assert len(peaks.lowest) == len(peaks.highest) == len(peaks.rms) == points
    assert peaks.lowest.min() == shape.lowest.min()
    assert peaks.highest.max() == shape.highest.max()
    assert (peaks.rms >= 0).all()


def test_each_point_covers_its_share_of_the_song() -> None:
    levels = np.zeros(1000, np.int16)
    levels[::10] = np.arange(100)
    shape = waveform.Waveform(RATE, 1, 40_000, 40, -levels, levels, levels)
    peaks = waveform.resample_peaks(shape, 100)
    assert np.array_equal(peaks.highest, np.arange(100))
    assert np.array_equal(peaks.lowest, -np.arange(100))


@pytest.mark.parametrize("points", [0, 8001, -5])
def test_resolutions_out_of_range(points: int) -> None:
    with pytest.raises(ValueError, match="1 to 8000"):
        waveform.resample_peaks(_measured(_noise(RATE)), points)


def test_a_song_without_frames_has_flat_peaks() -> None:
    peaks = waveform.resample_peaks(_measured(np.empty((0, 2), np.int32)), 100)
    assert not peaks.highest.any()


def test_stored_and_read_back(tmp_path: Path) -> None:
    shape = _measured(_noise(12_345))
    path = tmp_path / "waveform.bin"
    waveform.write(shape, path)
    again = waveform.read(path)
    assert (again.sample_rate, again.channels, again.frames) == (RATE, 2, 12_345)
    for one, other in ((shape.lowest, again.lowest), (shape.highest, again.highest), (shape.rms, again.rms)):
        assert np.array_equal(one, other)
    assert path.stat().st_size == 40 + 6 * len(shape.lowest)


@pytest.mark.parametrize("keep", [0, 10, 39, 40, 100])
def test_a_cut_file_is_damaged(keep: int) -> None:
    data = waveform.to_bytes(_measured(_noise(RATE)))
    with pytest.raises(waveform.WaveformDamaged):
        waveform.from_bytes(data[:keep])
    with pytest.raises(waveform.WaveformDamaged):
        waveform.from_bytes(b"XXXX" + data[4:])
