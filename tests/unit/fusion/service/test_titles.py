"""Titles: what is shown, what is made up, what is saved."""

import pytest

from chassis.errors import InvalidInput
from services.fusion import titles


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("", ""),
        ("  Night  drive ", "Night drive"),
        ("one\ntwo\tthree\r", "one two three"),
        ("e\u0301tude", "étude"),
        ("\u202egpm.exe\x07", "gpm.exe"),
        ("\u200b\ufeff\u2060", ""),
        ("AC/DC", "AC/DC"),
        ("👩\u200d🎤 👍", "👩\u200d🎤 👍"),
        ("夜のドライブ", "夜のドライブ"),
    ],
)
def test_a_title_is_one_line_without_anything_invisible(title: str, shown: str) -> None:
    assert titles.clean(title) == shown
    assert titles.clean(shown) == shown


def test_only_what_is_shown_counts_for_the_length() -> None:
    assert len(titles.clean("x" * titles.LONGEST + "\n \u202e")) == titles.LONGEST
    with pytest.raises(InvalidInput) as refused:
        titles.clean("x" * (titles.LONGEST + 1))
    assert refused.value.reason == "TITLE_TOO_LONG"


def test_without_a_title_the_stems_make_one_track_by_track() -> None:
    stems = [("a", "vocals"), ("b", "drums"), ("a", "other"), ("b", "bass")]
    assert titles.of_stems(stems) == "vocals, other + drums, bass"
    assert titles.of_stems([("a", "vocals")]) == "vocals"
    assert len(titles.of_stems([(str(number), "vocals") for number in range(32)])) == titles.LONGEST


@pytest.mark.parametrize(
    ("title", "filename"),
    [
        ("Night drive", "Night drive.wav"),
        ("AC/DC: live?", "AC_DC_ live_.wav"),
        ("../../etc/passwd", "_.._etc_passwd.wav"),
        ("..\\x", "_x.wav"),
        (".bashrc", "bashrc.wav"),
        ("...", "untitled.wav"),
        ("", "untitled.wav"),
        ("x" * 200, "x" * titles.LONGEST_IN_FILENAME + ".wav"),
    ],
)
def test_a_file_name_is_only_a_name(title: str, filename: str) -> None:
    assert titles.as_filename(title, "wav") == filename
