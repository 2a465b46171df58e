"""A file's bytes as if they were in memory, for the walks that only look at headers."""

import mmap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

Mapped = bytes | mmap.mmap
"""Bytes that can be indexed, sliced and searched; reading past the end gives less, never an error."""


@contextmanager
def mapped(path: Path) -> Iterator[Mapped]:
    """The bytes of the file at `path`, which must not be empty, mapped read-only."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        yield data
