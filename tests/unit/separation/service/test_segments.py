"""What is finished is cut into segments that follow on each other, not too often, and never while one is on its way."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from services.separation import segments
from services.separation.segments import Segment, SegmentCutter, SegmentPublisher
from services.separation.stem_files import FULL_SCALE, Layout, Samples, stored_samples

RATE = 8_000
LAYOUT = Layout(("drums", "bass"), RATE, 1)


class Shelf(SegmentPublisher):
    """Keeps what is handed over instead of uploading it."""

    def __init__(self) -> None:
        self.segments: list[Segment] = []
        self.busy = False

    @property
    def idle(self) -> bool:
        return not self.busy

    def publish(self, segment: Segment) -> None:
        self.segments.append(segment)

    @property
    def spans(self) -> list[tuple[int, int]]:
        """First frame and length of each."""
        return [(segment.first_frame, segment.files[0].frames) for segment in self.segments]


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, which tests set."""
    now = [100.0]
    monkeypatch.setattr(segments, "monotonic", lambda: now[0])
    return now


@pytest.fixture
def cutter(shelf: Shelf, clock: list[float], tmp_path: Path) -> Iterator[SegmentCutter]:
    """Cuts every four seconds, from frame 1000 on."""
    with SegmentCutter(shelf, LAYOUT, tmp_path, 1_000, 4.0) as cutting:
        yield cutting


def block(frames: int, peak: int = 1_000) -> dict[str, Samples]:
    """The next frames of both stems, each its own."""
    rng = np.random.default_rng(frames)
    return {name: rng.integers(-peak, peak, (frames, 1), np.int32) for name in LAYOUT.stem_types}


def test_a_segment_is_cut_when_it_is_time(cutter: SegmentCutter, shelf: Shelf, clock: list[float]) -> None:
    for now, frames in [(101.0, 30), (103.9, 20), (104.0, 10), (107.9, 7), (108.0, 5)]:
        clock[0] = now
        cutter.add(block(frames))
        cutter.cut_if_due()

    assert shelf.spans == [(1_000, 60), (1_060, 12)]


def test_nothing_finished_is_no_segment(cutter: SegmentCutter, shelf: Shelf, clock: list[float]) -> None:
    clock[0] = 200.0
    cutter.cut_if_due()

    assert shelf.spans == []


def test_while_one_is_on_its_way_the_next_grows(cutter: SegmentCutter, shelf: Shelf, clock: list[float]) -> None:
    for now, busy in [(104.0, False), (110.0, True), (120.0, True), (121.0, False)]:
        clock[0], shelf.busy = now, busy
        cutter.add(block(10))
        cutter.cut_if_due()

    assert shelf.spans == [(1_000, 10), (1_010, 30)]


def test_every_piece_has_its_own_power_of_two(cutter: SegmentCutter, shelf: Shelf, clock: list[float]) -> None:
    pieces = [block(50), {"drums": block(40, 2 * FULL_SCALE)["drums"], "bass": block(40)["bass"]}, block(30)]
    for number, piece in enumerate(pieces, 1):
        clock[0] = 100.0 + 4 * number
        cutter.add(piece)
        cutter.cut_if_due()

    assert [[file.scale_bits for file in segment.files] for segment in shelf.segments] == [[0, 0], [1, 0], [0, 0]]
    for segment, piece in zip(shelf.segments, pieces, strict=True):
        for file in segment.files:
            (stored,) = stored_samples(file.path, file.scale_bits)
            assert np.array_equal(stored, piece[file.type] >> file.scale_bits << file.scale_bits)
