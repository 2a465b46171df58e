"""What is said about a file is judged before a byte of it moves."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import DomainError, InvalidInput, NotReady
from services.ingest import blocklist, titles
from services.ingest.tracks import Announcement, admit

SAID = Announcement(
    owner_id="o",
    filename="song.wav",
    title="",
    size_bytes=1000,
    sha256="",
    rights_confirmed=True,
    process=True,
)
LIMIT = 200_000_000


def test_a_plain_announcement() -> None:
    track = admit(SAID, LIMIT)
    assert (track.owner_id, track.title, track.filename, track.size_bytes) == ("o", "song", "song.wav", 1000)
    assert track.declared_sha256 == ""
    assert admit(SAID, LIMIT).track_id != track.track_id


@pytest.mark.parametrize(
    ("change", "error", "reason"),
    [
        ({"rights_confirmed": False}, NotReady, "RIGHTS_NOT_CONFIRMED"),
        ({"size_bytes": 0}, InvalidInput, "EMPTY"),
        ({"size_bytes": -(2**63)}, InvalidInput, "EMPTY"),
        ({"size_bytes": LIMIT + 1}, InvalidInput, "FILE_TOO_LARGE"),
        ({"filename": "ü" * 513}, InvalidInput, "FILENAME_TOO_LONG"),
        ({"title": "x" * 201}, InvalidInput, "TITLE_TOO_LONG"),
        ({"sha256": "g" * 64}, InvalidInput, "SHA256_INVALID"),
        ({"sha256": "a" * 63}, InvalidInput, "SHA256_INVALID"),
        ({"sha256": "a" * 64 + "\n"}, InvalidInput, "SHA256_INVALID"),
    ],
)
def test_announcements_that_are_refused(change: dict[str, Any], error: type[DomainError], reason: str) -> None:
    with pytest.raises(error) as caught:
        admit(replace(SAID, **change), LIMIT)
    assert caught.value.reason == reason
    assert caught.value.message.endswith(".")


@pytest.mark.parametrize(
    "change", [{"size_bytes": 1}, {"size_bytes": LIMIT}, {"filename": "ü" * 512}, {"title": "x" * 200}]
)
def test_limits_are_inclusive(change: dict[str, Any]) -> None:
    admit(replace(SAID, **change), LIMIT)


def test_a_hash_may_be_written_in_capitals() -> None:
    assert admit(replace(SAID, sha256="AB" * 32), LIMIT).declared_sha256 == "ab" * 32
    assert blocklist.digest("AB" * 32, "content_hash") == "ab" * 32


@pytest.mark.parametrize(
    ("filename", "title", "expected"),
    [
        ("C:\\Music\\Thunder.final.mp3", "", "Thunder.final"),
        ("noending", "", "noending"),
        ("../../etc/passwd", "", "passwd"),
        ("x" * 300 + ".wav", "", "x" * 200),
        ("song.wav", "  AC/DC:\tThunder\u202e ", "AC/DC: Thunder"),
        ("song.wav", "\u200d\u0007 ", "song"),
        ("song.wav", "e\u0301", "é"),
    ],
)
def test_titles(filename: str, title: str, expected: str) -> None:
    assert admit(replace(SAID, filename=filename, title=title), LIMIT).title == expected


@given(st.text(max_size=200))
def test_titles_are_harmless(title: str) -> None:
    cleaned = titles.clean(title) if len(title) <= 60 else ""
    assert cleaned == titles.clean(cleaned)
    assert "\n" not in cleaned
    assert "\0" not in cleaned
    assert cleaned == cleaned.strip()


@pytest.mark.parametrize(
    ("title", "expected"),
    [("AC/DC \\ Live", "AC-DC - Live.flac"), ("...", "flac"), ("", "untitled.flac"), ("x" * 200, "x" * 200 + ".flac")],
)
def test_titles_as_names_of_files(title: str, expected: str) -> None:
    assert titles.as_filename(title, "flac") == expected
