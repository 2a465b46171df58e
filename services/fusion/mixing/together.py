"""Several streams of blocks, computed side by side."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final, TypeVar

__all__ = ["THREADS", "together"]

THREADS: Final = min(4, os.cpu_count() or 1)
"""Decoding, filters and transforms run outside Python's lock; what is left of Python keeps no more than this busy."""

_Block = TypeVar("_Block")


def together(streams: Sequence[Iterator[_Block]], threads: int = THREADS) -> Generator[list[_Block], None, None]:
    """The first block of every stream, then the second, and so on; streams end together.

    The next blocks are computed in `threads` threads, while the caller works on these. A stream's own blocks are computed one
    after the other, so that the result does not depend on the number of threads.
    """
    with ThreadPoolExecutor(threads, thread_name_prefix="voices") as pool:
        ahead = _begun(pool, streams)
        try:
            while (blocks := [block for future in ahead if (block := future.result()) is not None]) or not streams:
                ahead = _begun(pool, streams)
                yield blocks
        finally:
            for future in ahead:
                future.cancel()


def _begun(pool: ThreadPoolExecutor, streams: Sequence[Iterator[_Block]]) -> list[Future[_Block | None]]:
    return [pool.submit(next, stream, None) for stream in streams]
