"""Facts in any order, repeated, late: one read model."""

import asyncio
import random
from typing import Any

import pytest

from tests.integration.gateway.facts import Author, Fact
from tests.integration.gateway.running import Running

pytestmark = pytest.mark.asyncio(loop_scope="module")

TABLES = {"track": "track_id", "separation": "separation_id", "analysis": "track_id", "job": "job_id"}


async def model_of(gateway: Running, owner_id: str) -> dict[str, list[dict[str, Any]]]:
    """All rows of an owner."""
    found: dict[str, list[dict[str, Any]]] = {}
    for table, key in TABLES.items():
        rows = await gateway.rows(f"SELECT * FROM {table} WHERE owner_id = :owner ORDER BY {key}", owner=owner_id)
        found[table] = [dict(row._mapping) for row in rows]
    return found


def a_busy_life(ada: Author) -> list[Fact]:
    """Two tracks, one of them deleted; a separation tried twice; an analysis replaced; fusions, one of them deleted."""
    return [
        ada.track("t1", "awaiting_upload"),
        ada.track("t1", "checking"),
        ada.track("t1", "uploaded", bytes_written=2000, engine_seconds=1.5),
        ada.track("t2", "awaiting_upload", minute=1),
        ada.track("t2", "checking", minute=1),
        ada.separation("s1", "t1", "pending", minute=2),
        ada.separation("s1", "t1", "separating", minute=2, attempts=1),
        ada.separation("s1", "t1", "failed", minute=2, engine_seconds=3.0),
        ada.analysis("a1", "t1", "pending", minute=2),
        ada.analysis("a1", "t1", "completed", minute=2, tempo=120.0, camelot="8B", engine_seconds=0.5),
        ada.track("t2", "uploaded", minute=1, bytes_written=2000),
        ada.separation("s3", "t2", "pending", minute=3),
        ada.separation("s2", "t1", "pending", minute=4),
        ada.separation("s2", "t1", "completed", minute=4, engine_seconds=9.0, bytes_written=1000),
        ada.analysis("a1", "t1", "completed", minute=2, tempo=120.0, deleted=True, engine_seconds=0.5),
        ada.analysis("a2", "t1", "pending", minute=5),
        ada.analysis("a2", "t1", "completed", minute=5, tempo=60.0, engine_seconds=0.25),
        ada.fusion("f1", "pending", minute=6),
        ada.fusion("f1", "completed", minute=6, engine_seconds=2.0),
        ada.fusion("f2", "pending", minute=7),
        ada.fusion("f2", "cancelled", minute=7, deleted=True),
        ada.separation("s3", "t2", "cancelled", minute=3, deleted=True, engine_seconds=4.0),
        ada.track("t2", "uploaded", minute=1, bytes_written=2000, deleted=True),
        ada.track("t1", "uploaded", title="Renamed", bytes_written=2000, engine_seconds=1.5),
    ]


@pytest.mark.parametrize("seed", range(12))
async def test_any_order_and_any_repetition_make_the_same_model(gateway: Running, ada: Author, seed: int) -> None:
    luck = random.Random(seed)  # noqa: S311  # chance, not secrecy
    facts = a_busy_life(ada)
    await gateway.fold(*facts)
    expected = await model_of(gateway, ada.owner_id)
    assert [len(expected[table]) for table in TABLES] == [1, 2, 1, 9]
    await forget(gateway)
    shuffled = facts + luck.choices(facts, k=len(facts))
    luck.shuffle(shuffled)
    await gateway.fold(*shuffled)
    assert await model_of(gateway, ada.owner_id) == expected
    await forget(gateway)


async def forget(gateway: Running) -> None:
    """Begin again: the ids are the same in each run."""
    for table in (*TABLES, "applied_event"):
        await gateway.rows(f"DELETE FROM {table}")


@pytest.mark.parametrize("seed", range(6))
async def test_nothing_comes_back_of_a_user_who_is_gone(gateway: Running, ada: Author, seed: int) -> None:
    facts = [*a_busy_life(ada), ada.departure(), ada.departure()]
    luck = random.Random(seed)  # noqa: S311  # as above
    luck.shuffle(facts)
    await gateway.fold(*facts)
    assert await model_of(gateway, ada.owner_id) == {table: [] for table in TABLES}
    await gateway.fold(ada.track("t9"), ada.fusion("f9", "completed"))
    assert await model_of(gateway, ada.owner_id) == {table: [] for table in TABLES}
    await forget(gateway)


async def test_what_is_deleted_stays_deleted_whatever_the_version(gateway: Running, ada: Author) -> None:
    await gateway.fold(ada.track("late", deleted=True), ada.track("late"), ada.track("late", title="Again"))
    assert not (await model_of(gateway, ada.owner_id))["track"]
    await forget(gateway)


async def test_a_departure_waits_for_a_fact_under_way(gateway: Running, ada: Author) -> None:
    """Facts that are applied side by side leave nothing behind either."""
    tracks = [ada.track(f"side-{number}") for number in range(4)]
    await asyncio.gather(*(gateway.fold(fact) for fact in (*tracks, ada.departure())))
    assert await model_of(gateway, ada.owner_id) == {table: [] for table in TABLES}
