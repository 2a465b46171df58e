"""A file in the place of another."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

__all__ = ["rewritten"]


@contextmanager
def rewritten(path: Path) -> Iterator[tuple[BinaryIO, BinaryIO]]:
    """Yield the file and a new one; what is left unread of the old follows what was written, and the new one replaces it."""
    fresh = path.with_name(path.name + ".rewritten")
    try:
        with path.open("rb") as old, fresh.open("wb") as new:
            yield old, new
            shutil.copyfileobj(old, new, 1 << 20)
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
