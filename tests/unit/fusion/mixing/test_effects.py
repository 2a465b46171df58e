"""What voices go through."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import signal

from services.fusion.mixing.arrangement import Band, Compressor, Delay, Effects, Reverb
from services.fusion.mixing.effects import (
    PRESETS,
    InvalidEffect,
    Process,
    check_effects,
    inserts,
    memory_seconds,
    preset,
    room,
    tail_seconds,
)
from services.fusion.mixing.effects.compressor import static_gain_db
from services.fusion.mixing.effects.reverb import room_response
from services.fusion.mixing.sources import BLOCK_FRAMES

RATE = 44_100
Stereo = NDArray[np.float64]


def _through(process: Process | None, sound: Stereo, sizes: int = BLOCK_FRAMES) -> Stereo:
    assert process is not None
    return np.concatenate([process(sound[at : at + sizes]) for at in range(0, len(sound), sizes)])


def _noise(frames: int, seed: int = 0) -> Stereo:
    return 0.1 * np.random.default_rng(seed).standard_normal((frames, 2))


def _sine(hertz: float, seconds: float, peak: float = 0.1) -> Stereo:
    wave = peak * np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE)) / RATE)
    return np.repeat(wave[:, None], 2, axis=1)


def _click(frames: int) -> Stereo:
    click = np.zeros((frames, 2))
    click[0] = 1.0
    return click


def _decibels_at(effects: Effects, hertz: float) -> float:
    response = _through(inserts(effects, RATE, 2), _click(RATE))[:, 0]
    _, gains = signal.freqz(response, worN=[hertz], fs=RATE)
    return float(20 * np.log10(np.abs(gains[0])))


@pytest.mark.parametrize(
    ("effects", "expected"),
    [
        (Effects(low_cut_hz=200), {50: -24.1, 100: -12.3, 200: -3.01, 2_000: 0.0}),
        (Effects(high_cut_hz=2_000), {200: 0.0, 2_000: -3.01, 4_000: -12.64, 8_000: -26.0}),
        (Effects(bands=(Band("peak", 1_000, 6.0, 1.0),)), {1_000: 6.0, 100: 0.05, 10_000: 0.04}),
        (Effects(bands=(Band("peak", 1_000, -9.0, 4.0),)), {1_000: -9.0, 500: -0.17}),
        (Effects(bands=(Band("low_shelf", 300, 4.0),)), {30: 4.0, 300: 2.0, 5_000: 0.0}),
        (Effects(bands=(Band("high_shelf", 3_000, -6.0),)), {100: 0.0, 3_000: -3.0, 18_000: -6.0}),
        (Effects(bands=(Band("peak", 500, 3.0), Band("peak", 500, 2.0))), {500: 5.0}),
    ],
)
def test_filters_have_the_response_of_the_cookbook(effects: Effects, expected: dict[int, float]) -> None:
    assert {hertz: _decibels_at(effects, hertz) for hertz in expected} == pytest.approx(expected, abs=0.15)


@pytest.mark.parametrize("rate", [8_000, 44_100])
def test_what_lies_beyond_the_rate_changes_nothing(rate: int) -> None:
    effects = Effects(high_cut_hz=6_000, bands=(Band("peak", 5_000, 12.0),))
    assert (inserts(effects, rate, 2) is None) == (rate == 8_000)


def test_no_effects_are_no_process() -> None:
    assert inserts(Effects(), RATE, 2) is None
    assert room(Effects(), RATE) is None
    assert room(Effects(reverb=Reverb(1.0, 0.0)), RATE) is None
    assert memory_seconds(Effects()) == 0


@pytest.mark.parametrize(("level", "gain"), [(-60, 0), (-23.1, 0), (-20, -0.5625), (-17, -2.25), (-8, -9), (0, -15)])
def test_the_static_curve_of_a_compressor(level: float, gain: float) -> None:
    assert static_gain_db(np.array([level]), Compressor(-20, 4.0))[0] == pytest.approx(gain)


@pytest.mark.parametrize("level", [-40.0, -20.0, -12.0, -3.0])
def test_a_steady_tone_ends_on_the_static_curve(level: float) -> None:
    compressor = Compressor(-20, 4.0, makeup_db=3.0)
    heard = _through(inserts(Effects(compressor=compressor), RATE, 2), _sine(1_000, 2.0, 10 ** (level / 20)))
    expected = level + float(static_gain_db(np.array([level]), compressor)[0]) + 3.0
    assert 20 * np.log10(np.abs(heard[-RATE // 2 :]).max()) == pytest.approx(expected, abs=0.2)


@pytest.mark.parametrize(("attack", "release"), [(5.0, 50.0), (50.0, 400.0)])
def test_attack_and_release_take_their_time(attack: float, release: float) -> None:
    tone = _sine(1_000, 4.0)
    envelope = np.where((np.arange(len(tone)) // RATE) % 2 == 1, 5.0, 0.1)[:, None]
    compressor = Compressor(-20, 4.0, attack, release)
    heard = _through(inserts(Effects(compressor=compressor), RATE, 2), tone * envelope)
    gains = np.abs(heard[:, 0]).reshape(-1, 441).max(axis=1) / np.abs(tone * envelope)[:, 0].reshape(-1, 441).max(
        axis=1
    )
    decibels = 20 * np.log10(gains)  # one every 10 ms: soft, loud, soft, loud
    down, up = decibels[100:200], decibels[200:300]
    assert _reached(down / down[-1]) * 10 == pytest.approx(attack, abs=11)
    assert _reached(1 - up / down[-1]) * 10 == pytest.approx(release, rel=0.1, abs=11)


def _reached(share: Stereo) -> int:
    """The first place at which 63 % of the way are done."""
    return int(np.argmax(share > 1 - np.exp(-1)))


def test_a_compressor_moves_both_channels_alike() -> None:
    sound = _noise(RATE) * [1.0, 0.1]
    heard = _through(inserts(Effects(compressor=Compressor(-40, 8.0)), RATE, 2), sound)
    ratio = heard / sound
    assert np.allclose(ratio[:, 0], ratio[:, 1])
    assert ratio[-1, 0] < 0.5


@pytest.mark.parametrize("seconds", [0.01, 0.37, 0.5])
def test_echoes_come_back_each_softer_than_the_one_before(seconds: float) -> None:
    heard = _through(inserts(Effects(delay=Delay(seconds, 0.5, 0.5)), RATE, 2), _click(2 * RATE))[:, 0]
    late = round(seconds * RATE)
    echoes = [heard[late * n] for n in range(4)]
    assert echoes == pytest.approx([np.sqrt(0.5) * share for share in (1, 1, 0.5, 0.25)])
    assert np.count_nonzero(heard[: 4 * late]) == 4


@pytest.mark.parametrize("seconds", [0.4, 1.5, 5.0])
@pytest.mark.parametrize("rate", [44_100, 48_000])
def test_a_room_fades_by_60_decibels_in_its_time(seconds: float, rate: int) -> None:
    response = room_response(seconds, rate)
    middle = signal.sosfilt(signal.butter(4, [500, 2_000], "bandpass", fs=rate, output="sos"), response)
    left = np.cumsum(np.square(middle)[:, ::-1], axis=1)[:, ::-1]  # Schroeder's integral
    decibels = 10 * np.log10(left / left[:, :1])
    for channel in decibels:
        early, late = np.argmax(channel < -5), np.argmax(channel < -35)
        assert (late - early) / rate * 2 == pytest.approx(seconds, rel=0.05)


def test_a_room_is_wide_and_keeps_the_level() -> None:
    sound = np.repeat(_noise(5 * RATE)[:, :1], 2, axis=1)
    heard = _through(room(Effects(reverb=Reverb(0.8, 0.5)), RATE), sound)[RATE:]
    assert 10 * np.log10(np.square(heard).mean() / np.square(sound[RATE:]).mean()) == pytest.approx(0, abs=0.5)
    wet = _through(room(Effects(reverb=Reverb(0.8, 1.0)), RATE), sound)[RATE:]
    assert abs(np.mean(wet[:, 0] * wet[:, 1])) < 0.2 * np.mean(np.square(wet))


def test_a_room_answers_after_its_predelay() -> None:
    heard = _through(room(Effects(reverb=Reverb(0.5, 1.0, 50.0)), RATE), _click(RATE))
    assert np.abs(heard[: round(0.05 * RATE)]).max() < 1e-7
    assert np.abs(heard[round(0.05 * RATE) :]).max() > 0.01
    assert np.abs(heard[: round(0.05 * RATE) + 44]).max() < np.abs(heard).max() / 2


def test_a_room_is_the_convolution_with_its_response() -> None:
    sound = _noise(3 * BLOCK_FRAMES + 777)
    heard = _through(room(Effects(reverb=Reverb(1.0, 1.0, 0.0)), RATE), sound)
    expected = signal.fftconvolve(sound.mean(axis=1)[None, :], room_response(1.0, RATE), axes=1).T[: len(sound)]
    assert np.abs(heard - expected).max() < 1e-6


EACH: dict[str, Effects] = {
    "equaliser": Effects(low_cut_hz=30, bands=(Band("peak", 100, 12.0, 8.0),)),
    "compressor": Effects(compressor=Compressor(-30, 10.0, 1.0, 20.0)),
    "delay": Effects(delay=Delay(0.0313, 0.9, 0.5)),
    "all": Effects(high_cut_hz=8_000, compressor=Compressor(-30, 4.0), delay=Delay(0.1, 0.3, 0.2)),
}


@pytest.mark.parametrize("name", EACH)
@settings(deadline=None, max_examples=15)
@given(size=st.integers(1, 5_000), channels=st.sampled_from([1, 2]))
def test_the_size_of_the_blocks_makes_no_difference(name: str, size: int, channels: int) -> None:
    sound = _noise(12_000)[:, :channels]
    whole = _through(inserts(EACH[name], RATE, channels), sound, len(sound))
    if size < 20:
        sound, whole = sound[:500], whole[:500]
    in_pieces = _through(inserts(EACH[name], RATE, channels), sound, size)
    assert np.abs(in_pieces - whole).max() < 1e-9


@pytest.mark.parametrize("make", [lambda e: inserts(e, RATE, 2), lambda e: room(e, RATE)], ids=["inserts", "room"])
def test_silence_stays_silence_and_what_rang_dies_away(make: Callable[[Effects], Process | None]) -> None:
    effects = Effects(low_cut_hz=20, delay=Delay(0.1, 0.5, 0.5), reverb=Reverb(0.5, 0.5))
    process = make(effects)
    silence = np.zeros((BLOCK_FRAMES, 2))
    assert process is not None
    assert not process(silence).any()
    assert process(_noise(BLOCK_FRAMES)).any()
    rings = _through(process, np.zeros((10 * RATE, 2)))
    assert np.abs(rings).max() > 1e-3
    assert not rings[-RATE:].any()
    assert np.array_equal(
        _through(process, _noise(3 * BLOCK_FRAMES)), _through(make(effects), _noise(3 * BLOCK_FRAMES))
    )


def test_a_tail_lasts_until_60_decibels_down() -> None:
    assert tail_seconds(Effects(low_cut_hz=100, compressor=Compressor(-20, 4.0))) == 0
    assert tail_seconds(Effects(reverb=Reverb(3.0, 0.2, 50.0))) == pytest.approx(3.05)
    assert tail_seconds(Effects(delay=Delay(0.25, 0.1, 0.2))) == pytest.approx(0.25 * 4)
    assert tail_seconds(Effects(delay=Delay(2.0, 0.95, 0.2), reverb=Reverb(10.0, 0.0))) == 10


EXTREMES = [
    Effects(low_cut_hz=20, high_cut_hz=20_000, bands=tuple(Band("peak", 20, 24.0, 18.0) for _ in range(2))),
    Effects(bands=tuple(Band("high_shelf", 20_000, 24.0, 0.1) for _ in range(2))),
    Effects(compressor=Compressor(-60, 20.0, 0.1, 5.0, 24.0)),
    Effects(delay=Delay(0.01, 0.95, 1.0)),
]


@pytest.mark.parametrize("effects", EXTREMES)
def test_extreme_settings_are_stable(effects: Effects) -> None:
    check_effects(effects)
    heard = _through(inserts(effects, RATE, 2), np.concatenate([np.sign(_noise(RATE)), np.zeros((4 * RATE, 2))]))
    assert np.isfinite(heard).all()
    assert np.abs(heard[-RATE // 10 :]).max() < np.abs(heard[:RATE]).max() / 100


@pytest.mark.parametrize("name", PRESETS)
def test_presets_are_sane(name: str) -> None:
    """Noise comes out at about its level, finite, and every preset does something."""
    effects = preset(name)
    check_effects(effects)
    sound = _noise(2 * RATE)
    heard = sound
    for process in (inserts(effects, RATE, 2), room(effects, RATE)):
        heard = heard if process is None else _through(process, heard)
    level = 10 * np.log10(np.square(heard[RATE:]).mean() / np.square(sound[RATE:]).mean())
    assert -12 < level < 4
    assert np.abs(heard - sound).max() > 1e-3
    assert PRESETS[name].purpose.endswith(".")
    assert PRESETS[name].roles


def test_an_unknown_preset_names_those_that_there_are() -> None:
    with pytest.raises(InvalidEffect, match=r"no preset 'loud'.*clean_vocal.*telephone") as caught:
        preset("loud")
    assert caught.value.code == "PRESET_UNKNOWN"


BAND, COMPRESSOR, DELAY, REVERB = Band("peak", 100, 1.0), Compressor(-20, 2.0), Delay(0.1, 0.1, 0.1), Reverb(1.0, 0.1)


@pytest.mark.parametrize(
    ("effects", "code", "name"),
    [
        (Effects(low_cut_hz=19), "EFFECT_OUT_OF_RANGE", "low_cut_hz"),
        (Effects(high_cut_hz=float("nan")), "EFFECT_OUT_OF_RANGE", "high_cut_hz"),
        (Effects(low_cut_hz=2_000, high_cut_hz=1_000), "CUTS_CROSS", "low cut"),
        (Effects(bands=(BAND,) * 9), "TOO_MANY_BANDS", "at most 8"),
        (Effects(bands=(replace(BAND, shape="notch"),)), "BAND_SHAPE_UNKNOWN", "peak, low_shelf"),
        (Effects(bands=(replace(BAND, gain_db=25),)), "EFFECT_OUT_OF_RANGE", "band.gain_db"),
        (Effects(bands=(replace(BAND, q=0),)), "EFFECT_OUT_OF_RANGE", "band.q"),
        (Effects(compressor=replace(COMPRESSOR, ratio=0.5)), "EFFECT_OUT_OF_RANGE", "compressor.ratio"),
        (Effects(compressor=replace(COMPRESSOR, attack_ms=0)), "EFFECT_OUT_OF_RANGE", "compressor.attack_ms"),
        (Effects(delay=replace(DELAY, feedback=1.0)), "EFFECT_OUT_OF_RANGE", "delay.feedback"),
        (Effects(delay=replace(DELAY, seconds=0)), "EFFECT_OUT_OF_RANGE", "delay.seconds"),
        (Effects(reverb=replace(REVERB, seconds=60)), "EFFECT_OUT_OF_RANGE", "reverb.seconds"),
        (Effects(reverb=replace(REVERB, mix=-0.1)), "EFFECT_OUT_OF_RANGE", "reverb.mix"),
    ],
)
def test_settings_out_of_range_are_named(effects: Effects, code: str, name: Any) -> None:
    with pytest.raises(InvalidEffect, match=name) as caught:
        check_effects(effects)
    assert caught.value.code == code
