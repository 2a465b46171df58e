"""The picture of a song."""

from __future__ import annotations

import io

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from services.fusion.mixing.rendering import Outline, draw_cover, outline

MOMENTS = 180


def _pixels(level: NDArray[np.float64], brightness: NDArray[np.float64] | None = None) -> NDArray[np.uint8]:
    drawn = draw_cover(Outline(level, np.zeros(len(level)) if brightness is None else brightness))
    return np.asarray(Image.open(io.BytesIO(drawn)))


def test_a_cover_is_a_square_picture_of_moderate_size() -> None:
    levels = np.random.default_rng(0).random(MOMENTS)
    drawn = draw_cover(Outline(levels, levels))
    assert Image.open(io.BytesIO(drawn)).size == (1000, 1000)
    assert len(drawn) < 400_000
    assert drawn == draw_cover(Outline(levels, levels))


def test_the_song_runs_clockwise_from_the_top_and_loud_moments_reach_out() -> None:
    quiet_then_loud = np.repeat([0.01, 1.0], MOMENTS // 2)
    brightest = _pixels(quiet_then_loud).max(axis=2)
    right, left = brightest[:, 620:], brightest[:, :380]
    assert right.max() < 160 < left.max()


def test_bright_moments_have_another_colour_than_dull_ones() -> None:
    dull_then_bright = np.repeat([0.1, 0.9], MOMENTS // 2)
    pixels = _pixels(np.ones(MOMENTS), dull_then_bright).astype(int)
    redness = pixels[:, :, 0] - pixels[:, :, 2]
    assert redness[:, 620:].sum() < 0 < redness[:, :380].sum()


def test_silence_has_a_cover_too() -> None:
    assert _pixels(np.zeros(MOMENTS)).any()


@pytest.mark.parametrize("block", [1, 1000, 50_000])
def test_an_outline_does_not_depend_on_blocks(block: int) -> None:
    noise = np.random.default_rng(0).uniform(-1, 1, (5_000, 2)).astype(np.float32)
    noise[2_500:] *= 0.5
    seen = outline((noise[start : start + block] for start in range(0, len(noise), block)), len(noise), moments=2)
    expected = [float(np.sqrt(np.square(half.mean(axis=1)).mean())) for half in np.split(noise, 2)]
    assert seen.level == pytest.approx(expected)
    assert seen.brightness == pytest.approx(np.sqrt(0.5) * np.ones(2), rel=0.05)


@pytest.mark.parametrize(("hertz", "lowest", "highest"), [(100, 0.0, 0.02), (10_000, 0.6, 0.7)])
def test_high_sounds_are_bright(hertz: float, lowest: float, highest: float) -> None:
    tone = np.sin(2 * np.pi * hertz * np.arange(44_100) / 44_100).astype(np.float32)[:, None]
    seen = outline([tone], len(tone), moments=4)
    assert (seen.brightness > lowest).all()
    assert (seen.brightness < highest).all()


def test_a_song_shorter_than_its_moments_has_an_outline() -> None:
    seen = outline([np.ones((10, 2), np.float32)], 10)
    assert seen.level.shape == (MOMENTS,)
    assert np.isfinite(seen.level).all()
