"""Pages (AIP-158): a page token names the last row shown, so that lists stay right while rows come and go."""

import base64
import binascii
import json
from dataclasses import dataclass
from typing import TypeVar

from chassis.errors import InvalidInput

DEFAULT_SIZE = 50
MAX_SIZE = 200

T = TypeVar("T")


@dataclass(frozen=True)
class Page:
    """How many rows, and after which one. `after` holds the sort key of the last row shown; None begins."""

    size: int
    after: tuple[str, ...] | None


def page(size: int, token: str) -> Page:
    """Read a request's page; raises `InvalidInput`. 0 means 50 rows, more than 200 mean 200."""
    if size < 0:
        raise InvalidInput("PAGE_SIZE_INVALID", "The page size can't be negative.", page_size=size)
    if not token:
        return Page(min(size or DEFAULT_SIZE, MAX_SIZE), None)
    try:
        after = json.loads(base64.urlsafe_b64decode(token.encode() + b"=="))
        if not isinstance(after, list) or not after or not all(_is_text(part) for part in after):
            raise ValueError(token)
    except (ValueError, RecursionError, binascii.Error):
        raise foreign_token() from None
    return Page(min(size or DEFAULT_SIZE, MAX_SIZE), tuple(after))


def foreign_token() -> InvalidInput:
    """Return the error for a token that we did not make, or made for another list."""
    return InvalidInput("PAGE_TOKEN_INVALID", "The page token is not one of ours; start at the first page.")


def _is_text(part: object) -> bool:
    """Whether the part is something that Postgres takes for a text: no NUL, no half of a surrogate pair."""
    return isinstance(part, str) and not any(sign == "\0" or "\ud800" <= sign <= "\udfff" for sign in part)


def token(*after: str) -> str:
    """Return the token of the page that follows the row with this sort key."""
    return base64.urlsafe_b64encode(json.dumps(after).encode()).decode().rstrip("=")


def split(rows: list[T], size: int) -> tuple[list[T], T | None]:
    """Divide `size + 1` fetched rows into the page and, if another page follows, its last row."""
    return (rows[:size], rows[size - 1]) if len(rows) > size else (rows, None)
