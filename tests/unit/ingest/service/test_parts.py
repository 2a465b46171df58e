"""A file in parts: their sizes, and which of them are there."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.objects import UploadedPart
from services.ingest.uploads import PART_BYTES, part_sizes, whole_parts

MOMENT = datetime(2026, 1, 2, tzinfo=UTC)


@given(st.integers(1, 1_000_000_000))
def test_parts_add_up_to_the_file(size_bytes: int) -> None:
    sizes = part_sizes(size_bytes)
    assert sum(sizes.values()) == size_bytes
    assert list(sizes) == list(range(1, len(sizes) + 1))
    assert all(size == PART_BYTES for size in list(sizes.values())[:-1])
    assert 0 < sizes[len(sizes)] <= PART_BYTES


@pytest.mark.parametrize(("size_bytes", "count"), [(2 * PART_BYTES, 2), (2 * PART_BYTES + 1, 3), (200_000_000, 24)])
def test_how_many_parts(size_bytes: int, count: int) -> None:
    assert len(part_sizes(size_bytes)) == count


def test_parts_of_a_wrong_size_do_not_count() -> None:
    sizes = part_sizes(2 * PART_BYTES + 5)
    arrived = [_part(1, PART_BYTES), _part(2, 7), _part(3, 5), _part(4, 5)]
    assert set(whole_parts(sizes, arrived)) == {1, 3}


def test_of_a_part_that_was_sent_again_the_newest_whole_one_counts() -> None:
    sizes = part_sizes(5)
    arrived = [_part(1, 5, "new", 2), _part(1, 5, "old", 1), _part(1, 4, "broken", 3)]
    assert whole_parts(sizes, arrived)[1].etag == "new"


def _part(number: int, size_bytes: int, etag: str = "e", seconds: int = 0) -> UploadedPart:
    return UploadedPart(number, etag, size_bytes, MOMENT + timedelta(seconds=seconds))
