"""Where nothing is to be changed, nothing is; length and silence are exact."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.fusion.mixing.arrangement import Piece
from services.fusion.mixing.progress import Cancelled
from services.fusion.mixing.sources import BLOCK_FRAMES, ArraySource, Pcm
from services.fusion.mixing.stretching import perform_piece
from tests.unit.fusion.stretching.sounds import RATE, evenly, noise, performed, tone

STEM: Pcm = noise(3.0, channels=2).astype(np.float32)


@pytest.mark.parametrize("start", [None, 10_000, 10_001, 10_000 + 2 * RATE])
@pytest.mark.parametrize("seconds", [0.0, 0.5, -0.25])
def test_at_its_own_speed_and_rate_a_stem_is_copied_bit_by_bit(seconds: float, start: int | None) -> None:
    made = performed(STEM, [(10_000, seconds), (10_000 + 2 * RATE, seconds + 2.0)], start=start)
    first = round(seconds * RATE) + (0 if start is None else start - 10_000)
    np.testing.assert_array_equal(made, ArraySource(STEM, RATE).read(first, 2 * RATE - (start or 10_000) + 10_000))


def test_beats_that_are_where_they_should_be_change_nothing() -> None:
    beats = [(11_025 * beat, 0.25 * beat + 1e-9 * (beat % 3)) for beat in range(9)]
    np.testing.assert_array_equal(performed(STEM, beats), STEM[: 8 * 11_025])


@pytest.mark.parametrize(("source_rate", "rate"), [(48_000, 44_100), (44_100, 48_000)])
@pytest.mark.parametrize(("frequency", "offset", "within"), [(1000, 0, 1e-5), (15_000, 0, 1e-5), (1000, 0.1234, 2e-4)])
def test_at_its_own_speed_and_another_rate_a_stem_is_only_resampled(
    source_rate: int, rate: int, frequency: float, offset: float, within: float
) -> None:
    made = performed(
        tone(frequency, 3.0, rate=source_rate),
        [(500, offset), (500 + 2 * rate, offset + 2.0)],
        source_rate=source_rate,
        rate=rate,
    )
    expected = 0.3 * np.sin(2 * np.pi * frequency * (np.arange(2 * rate) / rate + offset))
    assert np.abs(made[3000:, 0] - expected[3000:]).max() < within
    assert len(made) == 2 * rate


@pytest.mark.parametrize("how", [{}, {"cents": 300.0}, {"cents": -300.0, "keep_formants": True}])
@pytest.mark.parametrize("speed", [1.0, 1.1])
def test_silence_stays_silence(speed: float, how: dict[str, Any]) -> None:
    silence = np.zeros((2 * RATE, 2), np.float32)
    assert not performed(silence, evenly(RATE, speed), **how).any()


def test_a_source_that_ends_or_has_not_begun_is_silent_there() -> None:
    made = performed(STEM[:RATE], [(0, -1.0), (3 * RATE, 2.3)])
    assert not made[: round(0.6 * RATE)].any()
    assert not made[-round(0.4 * RATE) :].any()
    assert np.abs(made[round(1.2 * RATE) : round(1.5 * RATE)]).max() > 0.1


@pytest.mark.parametrize("how", [{}, {"cents": 150.0}, {"cents": 150.0, "keep_formants": True}])
def test_the_same_piece_gives_the_same_samples(how: dict[str, Any]) -> None:
    once, again = (performed(STEM, evenly(RATE, 1.07), **how) for _ in range(2))
    np.testing.assert_array_equal(once, again)


SLOPES = st.lists(st.tuples(st.integers(1, 4000), st.floats(0.25, 4.0)), min_size=1, max_size=6)


@settings(max_examples=60, deadline=None)
@given(
    steps=SLOPES,
    start=st.integers(-5000, 5000),
    second=st.floats(-2.0, 2.0),
    into=st.floats(0, 1),
    cents=st.sampled_from([0.0, -2400.0, 2400.0, 33.3]),
    keep_formants=st.booleans(),
    rates=st.sampled_from([(8000, 8000), (11_025, 8000), (8000, 16_000)]),
    channels=st.integers(1, 2),
)
def test_any_piece_has_its_exact_length_in_finite_samples(
    steps: list[tuple[int, float]],
    start: int,
    second: float,
    into: float,
    cents: float,
    keep_formants: bool,
    rates: tuple[int, int],
    channels: int,
) -> None:
    source_rate, rate = rates
    anchors = [(start, second)]
    for frames, slope in steps:
        anchors.append((anchors[-1][0] + frames, anchors[-1][1] + frames * slope / rate))
    piece = Piece(tuple(anchors))
    first = piece.start + int(into * (piece.end - piece.start))
    source = ArraySource(STEM[:12_000, :channels], source_rate)
    blocks = list(perform_piece(source, piece, rate, cents=cents, keep_formants=keep_formants, start=first))
    assert sum(len(block) for block in blocks) == piece.end - first
    for block in blocks:
        assert block.dtype == np.float32
        assert block.shape[1] == channels
        assert 0 < len(block) <= BLOCK_FRAMES
        assert np.isfinite(block).all()
        assert np.abs(block).max() < 4


class _Watched(ArraySource):
    """Knows what was read of it."""

    def __init__(self) -> None:
        super().__init__(np.ascontiguousarray(STEM), RATE)
        self.reads: list[tuple[int, int]] = []

    def read(self, start: int, frames: int) -> Pcm:
        self.reads.append((start, frames))
        return super().read(start, frames)


@pytest.mark.parametrize("speed", [0.5, 1.0, 1.3, 3.0])
@pytest.mark.parametrize("how", [{}, {"cents": 200.0}, {"cents": -200.0, "keep_formants": True}])
def test_a_source_is_read_once_in_order_and_in_small_portions(speed: float, how: dict[str, Any]) -> None:
    """So files are not sought in, and memory does not grow with length."""
    source = _Watched()
    frames = sum(
        len(block) for block in perform_piece(source, Piece(tuple(evenly(round(2.5 * RATE), speed))), RATE, **how)
    )
    ends = [start + count for start, count in source.reads]
    assert frames == round(2.5 * RATE)
    assert [start for start, _ in source.reads[1:]] == ends[:-1]
    assert max(count for _, count in source.reads) < 3 * (speed + 1) * BLOCK_FRAMES


@pytest.mark.parametrize("speed", [1.0, 1.1])
def test_cancelled_it_stops_at_the_next_block(speed: float) -> None:
    answers = iter([False, False, True])
    blocks = perform_piece(
        ArraySource(STEM, RATE), Piece(tuple(evenly(2 * RATE, speed))), RATE, cancelled=lambda: next(answers)
    )
    heard = [len(next(blocks)), len(next(blocks))]
    with pytest.raises(Cancelled):
        next(blocks)
    assert 0 < min(heard) <= max(heard) <= BLOCK_FRAMES


@pytest.mark.parametrize(
    "anchors",
    [
        [],
        [(0, 0.0)],
        [(0, 0.0), (0, 1.0)],
        [(0, 1.0), (100, 1.0)],
        [(0, 0.0), (100, 1.0), (50, 2.0)],
        [(0, 0.0), (9, np.nan)],
    ],
)
def test_anchors_that_do_not_ascend_are_refused(anchors: list[tuple[int, float]]) -> None:
    with pytest.raises(ValueError, match="at least two anchors, ascending"):
        perform_piece(ArraySource(STEM, RATE), Piece(tuple(anchors)), RATE)


@pytest.mark.parametrize("start", [99, 301])
def test_a_start_outside_the_piece_is_refused(start: int) -> None:
    with pytest.raises(ValueError, match="outside a piece from 100 to 300"):
        perform_piece(ArraySource(STEM, RATE), Piece(((100, 0.0), (300, 0.1))), RATE, start=start)
