"""Ending asyncio tasks for certain."""

import asyncio
from collections.abc import Iterable
from typing import Any

ASK_AGAIN_SECONDS = 0.5


async def end(tasks: Iterable["asyncio.Task[Any]"]) -> None:
    """Cancel tasks until they have ended, however they end.

    Once is not enough: `wait_for` of Python 3.11 swallows a cancellation that comes as what it waits for is done (CPython
    #86296), and the libraries here use it.
    """
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        ended, pending = await asyncio.wait(pending, timeout=ASK_AGAIN_SECONDS)
        for task in ended:
            if not task.cancelled():
                task.exception()  # looked at: asyncio would call it forgotten


async def outlast(task: "asyncio.Task[None]") -> None:
    """Wait until a task has ended, also while being cancelled; the cancellation is raised afterwards."""
    interruption: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError as cancelled:
            interruption = cancelled
    if interruption is not None:
        raise interruption
