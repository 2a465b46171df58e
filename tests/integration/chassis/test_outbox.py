"""The outbox against a real Postgres and a real bus."""

import asyncio
from collections.abc import Mapping

import pytest

from chassis import outbox
from chassis.errors import Unavailable
from chassis.jetstream import EVENTS, Bus
from chassis.outbox import Relay
from chassis.postgres import Database
from tests.integration.chassis.waiting import until


async def say(schema: Database, *ids: str) -> None:
    for message_id in ids:
        async with schema.transaction() as connection:
            await outbox.append(connection, "events.analysis.completed.o.i", message_id.encode(), message_id)


async def test_a_transaction_that_fails_says_nothing(schema: Database, wire: Bus) -> None:
    async def fail() -> None:
        async with schema.transaction() as connection:
            await outbox.append(connection, "events.analysis.completed.o.i", b"", "never")
            raise RuntimeError("rolled back")

    with pytest.raises(RuntimeError, match="rolled back"):
        await fail()
    assert await Relay(schema, wire.publish).publish_batch() == 0


async def test_what_is_said_reaches_the_stream_once_and_in_order(schema: Database, wire: Bus) -> None:
    before = (await wire.streams.stream_info(EVENTS)).state.messages
    await say(schema, *(f"order-{number}" for number in range(20)))
    relays = [Relay(schema, wire.publish) for _ in range(3)]
    assert sum(await asyncio.gather(*(relay.publish_batch() for relay in relays))) == 20
    assert (await wire.streams.stream_info(EVENTS)).state.messages == before + 20


async def test_a_crash_after_publishing_repeats_nothing(schema: Database, wire: Bus) -> None:
    published = []

    async def publish_then_crash(subject: str, payload: bytes, message_id: str, headers: Mapping[str, str]) -> None:
        await wire.publish(subject, payload, message_id, headers)
        published.append(message_id)
        raise Unavailable("CRASH", "between publishing and deleting")

    before = (await wire.streams.stream_info(EVENTS)).state.messages
    await say(schema, "once")
    with pytest.raises(Unavailable):
        await Relay(schema, publish_then_crash).publish_batch()
    assert await Relay(schema, wire.publish).publish_batch() == 1
    assert published == ["once"]
    assert (await wire.streams.stream_info(EVENTS)).state.messages == before + 1


async def test_a_commit_wakes_the_relay_at_once(schema: Database, wire: Bus) -> None:
    arrived: asyncio.Queue[float] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    async def note(subject: str, payload: bytes, message_id: str, headers: Mapping[str, str]) -> None:
        arrived.put_nowait(loop.time())

    relay = asyncio.create_task(Relay(schema, note).run())
    try:
        await say(schema, "first")
        await asyncio.wait_for(arrived.get(), 10)  # the relay listens by now
        begun = loop.time()
        await say(schema, "second")
        assert await asyncio.wait_for(arrived.get(), 10) - begun < outbox.IDLE_SECONDS / 2
    finally:
        relay.cancel()


async def test_the_relay_survives_a_bus_that_is_away(schema: Database, wire: Bus) -> None:
    tried, arrived = [], []

    async def second_time(subject: str, payload: bytes, message_id: str, headers: Mapping[str, str]) -> None:
        tried.append(message_id)
        if len(tried) == 1:
            raise Unavailable("BUS_UNAVAILABLE", "away")
        arrived.append(message_id)

    await say(schema, "kept")
    relay = asyncio.create_task(Relay(schema, second_time).run())

    async def is_there() -> list[str]:
        return arrived

    try:
        assert await until(is_there) == ["kept"]
    finally:
        relay.cancel()


async def test_versions_apply_once_and_only_forward(schema: Database) -> None:
    async def newer(version: int) -> bool:
        async with schema.transaction() as connection:
            return await outbox.newer(connection, "aggregate", version)

    assert [await newer(version) for version in (2, 1, 2, 3, 3)] == [True, False, False, True, False]
