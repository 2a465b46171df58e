"""The Camelot wheel, written out: the code of every key."""

import pytest

from services.mir.analysis.findings import KeyName
from services.mir.findings_messages import camelot

# Tonics from C up, as pitch classes; the wheel as DJs print it.
MAJOR = ("8B", "3B", "10B", "5B", "12B", "7B", "2B", "9B", "4B", "11B", "6B", "1B")
MINOR = ("5A", "12A", "7A", "2A", "9A", "4A", "11A", "6A", "1A", "8A", "3A", "10A")


@pytest.mark.parametrize(("tonic", "code"), [*enumerate(MAJOR)])
def test_major_keys(tonic: int, code: str) -> None:
    assert camelot(KeyName(tonic, "major")) == code


@pytest.mark.parametrize(("tonic", "code"), [*enumerate(MINOR)])
def test_minor_keys(tonic: int, code: str) -> None:
    assert camelot(KeyName(tonic, "minor")) == code


@pytest.mark.parametrize("tonic", range(12))
def test_relatives_share_a_number_and_fifths_are_neighbours(tonic: int) -> None:
    number = int(camelot(KeyName(tonic, "major"))[:-1])
    assert camelot(KeyName((tonic + 9) % 12, "minor")) == f"{number}A"
    assert camelot(KeyName((tonic + 7) % 12, "major")) == f"{number % 12 + 1}B"
