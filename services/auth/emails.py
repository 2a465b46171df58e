"""E-mail addresses: which are believable, and which are the same."""

import hashlib
import re
import unicodedata

from chassis.errors import InvalidInput

MAX_LENGTH = 254

_LOCAL = r"(?=.{1,64}@)[^\s@\"(),:;<>\[\]\\\x00-\x1f\x7f.]+(?:\.[^\s@\"(),:;<>\[\]\\\x00-\x1f\x7f.]+)*"
_LABEL = r"[^\W_](?:(?:[^\W_]|-){0,61}[^\W_])?"
# Two labels at least, and the last is no number: `a@localhost` and `a@10.0.0.1` are typing errors here.
_ADDRESS = re.compile(rf"{_LOCAL}@(?:{_LABEL}\.)+(?![0-9]+$){_LABEL}")


def read_email(text: str) -> str:
    """Return the address without surrounding space, or raise `InvalidInput`. Whether it exists only a letter could tell."""
    email = text.strip()
    if len(email) > MAX_LENGTH or not _ADDRESS.fullmatch(email):
        raise InvalidInput("INVALID_EMAIL", "This is not an e-mail address. Write it like name@example.org.")
    return email


def email_key(email: str) -> str:
    """Return what two spellings of the same address have in common."""
    return unicodedata.normalize("NFKC", email.strip()).casefold()


def email_hash(key: str) -> bytes:
    """Return what stands for an address where failures of unknown people are counted."""
    return hashlib.sha256(key.encode()).digest()
