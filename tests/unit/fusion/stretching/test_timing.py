"""What lies at an anchor's second in the source lies at its frame in the song."""

import numpy as np
import pytest

from tests.unit.fusion.stretching.sounds import RATE, drums, evenly, noise, onset_errors, performed

HITS = np.arange(32) * 0.23 + 0.1 + np.random.default_rng(0).uniform(-0.02, 0.02, 32)
SECONDS = 8.0
DRUMS = drums(HITS, SECONDS)


@pytest.mark.parametrize("speed", [0.8, 0.9, 1.0001, 1.1, 1.25])
def test_drums_land_within_a_millisecond_at_a_constant_speed(speed: float) -> None:
    frames = round(SECONDS * RATE / speed)
    errors = onset_errors(performed(DRUMS, evenly(frames, speed)), DRUMS, HITS, lambda times: times / speed)
    assert np.abs(errors).max() < 1.0
    assert np.median(np.abs(errors)) < 0.5


@pytest.mark.parametrize("tempo", [0.84, 0.92, 1.0, 1.19])
def test_drums_of_a_drifting_band_land_on_the_grid(tempo: float) -> None:
    """Beats that drift by 1 % and jitter by 3 ms are brought to even ones."""
    chance = np.random.default_rng(7)
    lengths = 0.46 * tempo * (1 + 0.01 * np.sin(np.arange(19) / 4))
    beats = 0.2 + np.append(0, np.cumsum(lengths)) + chance.uniform(-0.003, 0.003, 20)
    hits = np.sort(np.append(beats, (beats[1:] + beats[:-1]) / 2))
    source = drums(hits, beats[-1] + 0.3)
    grid = np.rint(np.arange(20) * 0.46 * RATE).astype(int)
    made = performed(source, list(zip(grid.tolist(), beats.tolist(), strict=True)))
    inside = hits < beats[-1] - 0.1
    errors = onset_errors(made, source, hits[inside], lambda times: np.interp(times, beats, grid / RATE))
    assert np.abs(errors).max() < 1.0


@pytest.mark.parametrize("speed", [0.8, 1.25])
@pytest.mark.parametrize("cents", [0.0, -300.0])
def test_a_hit_on_the_very_first_frame_is_kept(speed: float, cents: float) -> None:
    """Neither swallowed by latency nor faded in: its attack is as loud as that of the same hit later on."""
    source = np.tile(drums(np.array([0.0]), 2.0), 2)
    made = performed(source, evenly(round(3.9 * RATE / speed), speed), cents=cents)[:, 0]
    attack = round(0.02 * RATE)
    later = round(2.0 * RATE / speed)
    first, again = np.abs(made[:attack]).max(), np.abs(made[later : later + attack]).max()
    assert first > 0.8 * again


def test_a_piece_may_begin_within_its_source() -> None:
    speed, begin = 1.1, 2.0
    frames = round(5 * RATE / speed)
    made = performed(DRUMS, [(70_000, begin), (70_000 + frames, begin + 5.0)])
    hits = np.array([hit for hit in HITS if begin + 0.05 < hit < begin + 4.9])
    assert len(made) == frames
    assert np.abs(onset_errors(made, DRUMS, hits, lambda times: (times - begin) / speed)).max() < 1.0


@pytest.mark.parametrize("cents", [0.0, 200.0])
def test_from_a_later_start_every_hit_lies_where_it_lies_in_the_whole(cents: float) -> None:
    speed, start = 0.93, 123_457
    anchors = evenly(round(SECONDS * RATE / speed), speed)
    whole, rest = performed(DRUMS, anchors, cents=cents), performed(DRUMS, anchors, cents=cents, start=start)
    assert len(rest) == len(whole) - start
    later = HITS[(HITS / speed * RATE > start + 4000) & (HITS < SECONDS - 0.2)]
    for made, begin in ((whole, 0), (rest, start)):
        errors = onset_errors(made, DRUMS, later, lambda times, begin=begin: times / speed - begin / RATE)  # type: ignore[misc]
        assert np.abs(errors).max() < 1.0


@pytest.mark.parametrize(
    ("source_rate", "rate"), [(48_000, 44_100), (44_100, 48_000), (96_000, 44_100), (22_050, 44_100)]
)
@pytest.mark.parametrize("speed", [1.0, 1.15])
def test_a_source_at_another_rate_lands_at_the_same_times(source_rate: int, rate: int, speed: float) -> None:
    click = np.zeros(2 * source_rate)
    click[source_rate : source_rate + source_rate // 500] = 0.5
    frames = round(1.9 * rate / speed)
    made = performed(click, [(0, 0.0), (frames, frames * speed / rate)], source_rate=source_rate, rate=rate)
    energy = np.cumsum(made[:, 0].astype(float) ** 2)
    middle = np.searchsorted(energy, energy[-1] / 2) / rate
    assert len(made) == frames
    assert middle == pytest.approx((1 + 0.001) / speed, abs=0.001)


def test_stereo_stays_where_it_is() -> None:
    left = noise(2.0)
    made = performed(np.concatenate([left, 0.5 * left], axis=1), evenly(2 * RATE, 0.97))
    np.testing.assert_allclose(made[:, 1], 0.5 * made[:, 0], atol=1e-4)
