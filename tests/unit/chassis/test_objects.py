"""Keys and names of objects."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.objects import ObjectKey, _filename_parameters


def test_a_key_reads_back() -> None:
    key = ObjectKey("fusion", "owner", "id", 3, "derived/x.mp3")
    assert ObjectKey.parse(str(key)) == key


@pytest.mark.parametrize("text", ["", "a/b", "a/b/c/d/e", "a/b/c/x/e"])
def test_other_texts_are_no_keys(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        ObjectKey.parse(text)


@given(st.text())
def test_no_filename_breaks_out_of_its_header(filename: str) -> None:
    header = _filename_parameters(filename)
    assert header.isascii()
    assert header.isprintable()
    assert header.count('"') == 2
