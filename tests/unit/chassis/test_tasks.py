"""Tasks end, also those that swallow a cancellation."""

import asyncio

import pytest

from chassis.tasks import end, outlast


async def test_a_task_that_swallows_cancellations_ends_all_the_same() -> None:
    swallowed: list[int] = []

    async def stubborn() -> None:
        while len(swallowed) < 2:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                swallowed.append(1)

    task = asyncio.create_task(stubborn())
    await asyncio.wait([task], timeout=0)
    await end([task])
    assert task.done()
    assert len(swallowed) == 2


async def test_how_a_task_ends_does_not_matter() -> None:
    async def fails() -> None:
        raise RuntimeError("never mind")

    task = asyncio.create_task(fails())
    await asyncio.wait([task])
    await end([task])
    assert task.done()


async def test_whoever_ends_tasks_can_be_cancelled() -> None:
    async def stays() -> None:
        while True:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                if released.is_set():
                    raise

    released = asyncio.Event()
    staying = asyncio.create_task(stays())
    ending = asyncio.create_task(end([staying]))
    await asyncio.wait([staying], timeout=0)
    ending.cancel()
    await asyncio.wait([ending])
    assert ending.cancelled()
    released.set()
    await end([staying])


async def test_who_outlasts_a_task_is_cancelled_only_when_it_has_ended() -> None:
    released = asyncio.Event()

    async def waits() -> None:
        await released.wait()

    awaited = asyncio.create_task(waits())
    waiting = asyncio.create_task(outlast(awaited))
    for _ in range(2):
        await asyncio.wait([waiting], timeout=0)
        waiting.cancel()
    await asyncio.wait([waiting], timeout=0)
    assert not waiting.done()
    released.set()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert awaited.done()
    assert not awaited.cancelled()
