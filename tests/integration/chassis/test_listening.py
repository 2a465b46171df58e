"""Listening to the bus: a listener that leaves early must not make the connection deaf for the others."""

import asyncio

import pytest

from chassis.jetstream import Bus


async def listen(wire: Bus) -> None:
    """Listen until told to stop."""
    async with wire.listening("progress.listening.>"):
        await asyncio.Event().wait()


@pytest.mark.parametrize("steps", [1, 2, 3, 4])
async def test_leaving_while_the_server_is_asked(wire: Bus, steps: int) -> None:
    for _ in range(20):
        leaver = asyncio.create_task(listen(wire))
        for _ in range(steps):
            await asyncio.sleep(0)  # a turn for the listener, not a wait
        leaver.cancel()
        await asyncio.gather(leaver, return_exceptions=True)
    async with wire.listening("progress.listening.>") as messages:
        await wire.hint("progress.listening.owner.id", b"still there")
        assert (await asyncio.wait_for(messages.get(), 5)).data == b"still there"
    await wire.check()


async def test_a_check_that_runs_out_of_time_leaves_the_connection_alone(wire: Bus) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await wire.check()
    await wire.check()
    async with wire.listening("progress.listening.>") as messages:
        await wire.hint("progress.listening.owner.id", b"still there")
        assert (await asyncio.wait_for(messages.get(), 5)).data == b"still there"
