"""File names are text to show, whatever was put into them."""

import unicodedata
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.filenames import LONGEST, clean, content_disposition


@pytest.mark.parametrize(
    ("original", "shown"),
    [
        ("song.mp3", "song.mp3"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Music\\My Song.mp3", "My Song.mp3"),
        ("/absolute/path/", "path"),
        ("a/b\\..\\c.wav", "c.wav"),
        ("..", "untitled"),
        ("...", "untitled"),
        ("", "untitled"),
        ("   ", "untitled"),
        ("/", "untitled"),
        ("\0\x01\x7f", "untitled"),
        ("song\0.mp3", "song.mp3"),
        ("..\0/..\0/etc/passwd", "passwd"),
        ("a\r\nSet-Cookie: x=1.mp3", "a Set-Cookie: x=1.mp3"),
        ("  many   spaces\t.mp3 ", "many spaces .mp3"),
        ("invoice\u202e3pm.exe", "invoice3pm.exe"),
        ("\u2066a\u2069\ufeff\u200b.mp3", "a.mp3"),
        ("\ud800.mp3", "mp3"),
        ("e\u0301te\u0301.mp3", "\u00e9t\u00e9.mp3"),
        ("\u97f3\u697d \U0001f3b5.flac", "\u97f3\u697d \U0001f3b5.flac"),
        ("\U0001f468\u200d\U0001f3a4.mp3", "\U0001f468\u200d\U0001f3a4.mp3"),
        ("\u0645\u0648\u0633\u06cc\u0642\u06cc\u200c.mp3", "\u0645\u0648\u0633\u06cc\u0642\u06cc\u200c.mp3"),
        (".hidden.mp3", "hidden.mp3"),
        ("x" * 300 + ".mp3", "x" * 251 + ".mp3"),
        ("x" * 300, "x" * 255),
        ("a." + "x" * 300, "a." + "x" * 253),
    ],
)
def test_clean(original: str, shown: str) -> None:
    assert clean(original) == shown


@given(st.text(st.characters(codec=None), max_size=600))
def test_a_clean_name_is_harmless(original: str) -> None:
    name = clean(original)
    assert 1 <= len(name) <= LONGEST
    assert not set(name) & set("/\\\0\r\n\u202e\u2066\u200b")
    assert not name.startswith(".")
    assert unicodedata.is_normalized("NFC", name)
    assert clean(name) == name
    name.encode()


@given(st.text(st.characters(codec=None), max_size=300))
def test_a_header_says_the_name_and_nothing_else(original: str) -> None:
    header = content_disposition(original)
    assert header.isascii()
    assert header.isprintable()
    plain, _, extended = header.partition("; filename*=UTF-8''")
    assert unquote(extended) == clean(original)
    assert plain.startswith('attachment; filename="')
    assert plain.count('"') == 2
    assert not set(extended) & set("\"'();, ")


def test_headers() -> None:
    assert content_disposition("a b.mp3") == "attachment; filename=\"a b.mp3\"; filename*=UTF-8''a%20b.mp3"
    quoted = content_disposition('x"; filename=evil.exe')
    assert quoted.startswith('attachment; filename="x_; filename=evil.exe"; ')
    assert content_disposition("caf\u00e9.mp3").endswith("filename*=UTF-8''caf%C3%A9.mp3")
