"""Arithmetic of the canonical samples."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.decoding.canonical import FULL_SCALE, HIGHEST, headroom, quantised


@given(st.floats(1e-30, 1e30))
def test_headroom_is_the_largest_power_of_two_that_fits(peak: float) -> None:
    gain = headroom(peak)
    assert peak * gain <= 1
    assert gain == 1 or peak * gain * 2 > 1
    assert np.frexp(gain)[0] == 0.5


@given(st.floats(-1, 1, width=32))
def test_floats_are_rounded_to_the_nearest_step(value: float) -> None:
    sample = int(quantised(np.array([[value]], np.float32), 1.0)[0, 0])
    assert -FULL_SCALE <= sample <= HIGHEST
    assert abs(sample - value * FULL_SCALE) <= (1 if value * FULL_SCALE > HIGHEST else 0.5)


@given(st.integers(-FULL_SCALE, HIGHEST))
def test_24_bits_are_exact(sample: int) -> None:
    block = np.array([[sample << 8]], np.int32)
    assert quantised(block, 1.0)[0, 0] == sample
    assert quantised((block / (1 << 31)).astype(np.float32), 1.0)[0, 0] == sample


@pytest.mark.parametrize(("value", "sample"), [(0x7FFFFFFF, HIGHEST), (-(1 << 31), -FULL_SCALE), (0x80, 1), (0x7F, 0)])
def test_32_bits_are_rounded_without_wrapping(value: int, sample: int) -> None:
    assert quantised(np.array([[value]], np.int32), 1.0)[0, 0] == sample
