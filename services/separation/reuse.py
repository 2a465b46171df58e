"""The use case of computing once: who computes what several separations want, and how the others get it.

Equal recipes, equal stems. Of the separations with one recipe a single one computes at a time, and says so in its row
(`computing`); it stays the one, with its checkpoints, until its job has ended, also while it is handed from worker to worker.
The others go back into the queue and are woken when it ends: then they take its stems over, or the next one computes.
"""

import uuid
from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import jobs
from chassis.jobs import Job
from chassis.postgres import Database
from chassis.work import Deferred, Finish
from services.separation import recipe_store, store
from services.separation.engine.choice import Part, recipe_of
from services.separation.store import SeparationRow

LOOK_AGAIN_SECONDS = 60.0
"""After that a separation that waits for another one looks at it again, should nobody have woken it."""


def recipe(row: SeparationRow, parts: tuple[Part, ...], *, shared: bool) -> str:
    """Return the recipe of a separation: that of the same audio, networks and stems, for its owner or, `shared`, for anybody.

    One whose audio's digest is unknown is like no other.
    """
    audio = row.content_hash or row.separation_id
    return recipe_of(audio if shared else f"{row.owner_id}/{audio}", parts)


async def take_over(database: Database, job: Job, row: SeparationRow, wanted: str) -> Finish | None:
    """Return what writes the stems of a completed separation with the recipe `wanted`; None: the job has to compute them.

    Raises `Deferred` while another one computes them. Checkpoints of another recipe are forgotten.
    """
    async with database.transaction() as connection:
        await recipe_store.lock_recipe(connection, wanted)
        if row.recipe != wanted:
            await recipe_store.begin_recipe(connection, row.separation_id, wanted)
        source = await recipe_store.source(connection, wanted, row.separation_id)
        if source is None:
            await recipe_store.mark_computing(connection, row.separation_id, job.attempt)
            return None
    if not source.completed:
        raise Deferred(LOOK_AGAIN_SECONDS)

    async def write(connection: AsyncConnection) -> None:
        await _adopt(connection, row.separation_id, source.separation_id)

    return write


async def ring_waiting(connection: AsyncConnection, separation_id: str) -> None:
    """Wake those that wait for a separation whose job has just ended, and one that has begun to wait a moment too late."""
    row, job = await store.by_id(connection, separation_id), await jobs.find(connection, separation_id)
    if row.computing is not None and job.ended:
        await wake_waiting(connection, row.recipe)
    elif row.computing is None and row.recipe and job.state == "pending":
        await recipe_store.lock_recipe(connection, row.recipe)
        source = await recipe_store.source(connection, row.recipe, separation_id)
        if source is None or source.completed:
            await jobs.wake(connection, [separation_id])


async def wake_waiting(connection: AsyncConnection, computed: str) -> None:
    """Wake those that wait for this recipe, because whoever computed it does so no more."""
    await recipe_store.lock_recipe(connection, computed)
    await jobs.wake(connection, await recipe_store.waiting(connection, computed))


async def _adopt(connection: AsyncConnection, separation_id: str, source_id: str) -> None:
    """Give a separation the stems of another one: rows of its own that point at the same objects."""
    stems = await store.hold_stems(connection, source_id)
    if not stems:  # deleted meanwhile, and its objects with it
        raise Deferred(0)
    await store.insert_stems(
        connection, [replace(stem, stem_id=str(uuid.uuid4()), separation_id=separation_id) for stem in stems]
    )
    await recipe_store.set_reused(connection, separation_id, source_id)
