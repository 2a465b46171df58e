"""Tombstones: what is gone stays gone, also for those who found it alive a moment ago."""

import asyncio

from chassis import outbox
from chassis.postgres import Database


async def bury(schema: Database, aggregate_id: str) -> bool:
    async with schema.transaction() as connection:
        return await outbox.bury(connection, aggregate_id)


async def test_a_burial_is_news_once_and_the_last_of_it(schema: Database) -> None:
    async with schema.transaction() as connection:
        assert await outbox.newer(connection, "track", 7)
        assert not await outbox.buried(connection, "track", "owner")
    assert await bury(schema, "track")
    assert not await bury(schema, "track")
    async with schema.transaction() as connection:
        assert await outbox.buried(connection, "owner", "track")
        assert not await outbox.newer(connection, "track", 8)


async def test_a_burial_undone_is_none(schema: Database) -> None:
    class Undone(Exception):
        """Ends the transaction."""

    try:
        async with schema.transaction() as connection:
            assert await outbox.bury(connection, "track")
            raise Undone
    except Undone:
        pass
    async with schema.transaction() as connection:
        assert not await outbox.buried(connection, "track")


async def test_a_burial_waits_for_who_found_it_alive(schema: Database) -> None:
    async with schema.transaction() as connection:
        assert not await outbox.buried(connection, "owner", "track")
        burial = asyncio.create_task(bury(schema, "owner"))
        # Somebody else may find it alive meanwhile, and nobody waits for a burial that is about another.
        assert await asyncio.wait_for(bury(schema, "elsewhere"), 5)
        assert not burial.done()
    assert await asyncio.wait_for(burial, 5)
