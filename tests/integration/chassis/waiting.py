"""Waiting for a condition, never for a time."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


async def until(ask: Callable[[], Awaitable[T | None]], seconds: float = 20.0) -> T:
    """Ask again and again until the answer is true, and return it; fails after `seconds`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        answer = await ask()
        if answer:
            return answer
        await asyncio.sleep(0.02)  # the interval between two looks
    raise AssertionError(f"nothing came of it in {seconds} s")
