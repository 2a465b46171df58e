"""Page tokens of sorted lists bring back the position they were made of; patterns find what was typed and nothing else."""

import pytest

from chassis import paging, sorting
from chassis.errors import InvalidInput
from chassis.sorting import Position, Sorting

NEWEST = Sorting("newest", "created_at", "timestamptz", "DESC", sorting.moment)
TITLE = Sorting("title", "lower(title)", "text", "ASC")
LENGTH = Sorting("length", "seconds", "double precision", "ASC", sorting.number)


def after(*parts: str) -> tuple[str, ...] | None:
    return paging.page(10, paging.token(*parts)).after


def test_no_token_is_the_beginning() -> None:
    assert sorting.position(paging.page(10, "").after, TITLE) is None


@pytest.mark.parametrize(
    ("order", "key"),
    [(NEWEST, "2026-11-21 13:00:00.123456+00"), (TITLE, "ärger 🎵"), (TITLE, ""), (LENGTH, "121.99999999999999")],
)
def test_a_token_brings_its_position_back(order: Sorting, key: str) -> None:
    position = Position(key, "id")
    assert sorting.position(paging.page(10, position.token(order)).after, order) == position


@pytest.mark.parametrize(
    ("order", "parts"),
    [
        (LENGTH, ("length", "fast", "id")),
        (LENGTH, ("length", "nan", "id")),
        (LENGTH, ("length", "inf", "id")),
        (NEWEST, ("newest", "now", "id")),
        (NEWEST, ("newest", "2026-11-21", "id")),
        (NEWEST, ("2026-11-21T13:00:00Z", "id")),
        (TITLE, ("title", "a")),
        (TITLE, ("title", "a", "b", "c")),
        # Made for a list that was sorted otherwise.
        (TITLE, ("newest", "2026-11-21 13:00:00+00", "id")),
    ],
)
def test_a_forged_token_is_the_caller_s_mistake(order: Sorting, parts: tuple[str, ...]) -> None:
    with pytest.raises(InvalidInput) as refused:
        sorting.position(after(*parts), order)
    assert refused.value.reason == "PAGE_TOKEN_INVALID"


def test_what_follows_lies_beyond_in_the_direction_of_the_list() -> None:
    assert NEWEST.follows("row_id") == "(created_at, row_id) < (CAST(:key AS timestamptz), :id)"
    assert NEWEST.order("row_id") == "created_at DESC, row_id DESC"
    assert TITLE.follows("row_id") == "(lower(title), row_id) > (CAST(:key AS text), :id)"
    assert TITLE.order("row_id") == "lower(title) ASC, row_id ASC"


@pytest.mark.parametrize(
    ("search", "pattern"), [("", "%%"), ("drive", "%drive%"), ("100%", "%100\\%%"), ("a_b\\c", "%a\\_b\\\\c%")]
)
def test_signs_that_mean_something_to_ilike_are_taken_as_they_are(search: str, pattern: str) -> None:
    assert sorting.pattern(search) == pattern


def test_a_search_has_an_end() -> None:
    assert sorting.pattern("x" * sorting.LONGEST_SEARCH)
    with pytest.raises(InvalidInput) as refused:
        sorting.pattern("x" * (sorting.LONGEST_SEARCH + 1))
    assert refused.value.reason == "SEARCH_TOO_LONG"
