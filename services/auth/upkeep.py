"""Upkeep: rows that have run out are removed, so that nothing about a person stays longer than it is needed."""

import asyncio
import logging

from sqlalchemy.exc import DBAPIError

from chassis.postgres import Database
from services.auth.store import pruning

log = logging.getLogger(__name__)


async def prune_for_ever(database: Database, pause_seconds: float, memory_seconds: float) -> None:
    """Remove what has run out, again and again; servers run this, any number of them."""
    while True:
        try:
            async with database.transaction() as connection:
                removed = await pruning.prune(connection, memory_seconds)
            log.debug("pruned", extra={"facts": {"rows": removed}})
        except DBAPIError as error:
            log.warning("pruning failed", extra={"facts": {"error": repr(error)}})
        await asyncio.sleep(pause_seconds)
