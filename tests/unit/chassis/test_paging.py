"""Page tokens."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis import paging
from chassis.errors import InvalidInput


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0")), min_size=1, max_size=3))
def test_a_token_brings_back_its_sort_key(after: list[str]) -> None:
    assert paging.page(10, paging.token(*after)).after == tuple(after)


@pytest.mark.parametrize(
    "text", ["x", "%%%", "é", "bnVsbA", "W10", "WzFd", "e30", paging.token("\0"), paging.token("\ud800")]
)
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="page token"):
        paging.page(10, text)


@pytest.mark.parametrize(("asked", "given_"), [(0, 50), (1, 1), (200, 200), (10_000, 200)])
def test_sizes(asked: int, given_: int) -> None:
    assert paging.page(asked, "").size == given_


def test_a_negative_size_is_refused() -> None:
    with pytest.raises(InvalidInput):
        paging.page(-1, "")


def test_split_knows_whether_a_page_follows() -> None:
    assert paging.split([1, 2, 3], 2) == ([1, 2], 2)
    assert paging.split([1, 2], 2) == ([1, 2], None)
