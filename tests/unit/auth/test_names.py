"""Names that people give."""

import pytest

from chassis.errors import InvalidInput
from services.auth.names import read_name


@pytest.mark.parametrize("name", ["ci", "Ada Lovelace", "名前 🎷", "x" * 100])
def test_fine(name: str) -> None:
    assert read_name("name", f" {name} ") == name


@pytest.mark.parametrize("name", ["", "   ", "x" * 101, "two\nlines", "bell\a"])
def test_refused(name: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_name("name", name)
    assert refused.value.metadata == {"field": "name"}


def test_a_display_name_may_be_missing() -> None:
    assert read_name("display_name", " ", optional=True) == ""
