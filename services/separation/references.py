"""The use case of removing objects: which are still needed, and what becomes of those that are not.

An object is needed while a row points at the attempt that made it: its own separation's, or that of any other that has taken
the stems over. So the last one to go takes the objects with it.
"""

import logging
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from chassis.errors import Unavailable
from chassis.objects import ObjectKey, ObjectStore
from chassis.postgres import Database
from services.separation import store

log = logging.getLogger(__name__)

SEGMENTS = "segments/"
"""What the names of segments begin with."""


@dataclass(frozen=True)
class References:
    """What the rows point at in the object store."""

    database: Database
    objects: ObjectStore

    async def remove_unneeded(self, prefixes: Iterable[str]) -> None:
        """Remove below these prefixes what deleted rows pointed at and no other row does.

        What the store keeps now, the collector finds later.
        """
        for prefix in prefixes:
            try:
                await self._remove_unneeded(prefix)
            except Unavailable as error:
                log.warning("objects left to the collector", extra={"facts": {"prefix": prefix, "why": error.reason}})

    async def needed(self, separation_ids: Collection[str]) -> Mapping[str, Callable[[ObjectKey], bool]]:
        """Return for each of these separations a function that says which of its objects are needed."""
        async with self.database.transaction() as connection:
            running = await store.attempts_in(connection, "running", separation_ids)
            segments = running | await store.attempts_with_segments(connection, separation_ids)
            whole = running | await store.kept_attempts(connection, separation_ids)

        def needed(key: ObjectKey) -> bool:
            return (key.aggregate_id, key.attempt) in (segments if key.name.startswith(SEGMENTS) else whole)

        return dict.fromkeys(separation_ids, needed)

    async def _remove_unneeded(self, prefix: str) -> None:
        keys = [ObjectKey.parse(item.key) for item in await self.objects.below(prefix)]
        needed = await self.needed({key.aggregate_id for key in keys})
        await self.objects.remove([str(key) for key in keys if not needed[key.aggregate_id](key)])
