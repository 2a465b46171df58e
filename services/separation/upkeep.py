"""Upkeep: which objects are still needed, and announcing everything again.

An object is needed while a row points at the attempt that made it: its own separation's, or that of any other that has taken
the stems over. So the last one to go takes the objects with it.
"""

import logging
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from chassis import collector
from chassis.collector import Garbage
from chassis.errors import Unavailable
from chassis.objects import ObjectKey, ObjectStore
from chassis.postgres import Database
from services.separation import messages, store
from services.separation.config import SERVICE

log = logging.getLogger(__name__)

SEGMENTS = "segments/"
"""What the names of segments begin with."""


@dataclass(frozen=True)
class Upkeep:
    """Separation's side of `puremusic.operations.v1`, and what becomes of the objects of what was deleted."""

    database: Database
    objects: ObjectStore

    async def collect(self, grace_seconds: float, dry_run: bool) -> Garbage:
        """Collect garbage: what belongs neither to stems that somebody has, nor to an attempt that is running."""
        return await collector.collect(self.objects, SERVICE, self._needed, grace_seconds, dry_run=dry_run)

    async def remove_unneeded(self, prefixes: Iterable[str]) -> None:
        """Remove below these prefixes what deleted rows pointed at and no other row does.

        What the store keeps now, the collector finds later.
        """
        for prefix in prefixes:
            try:
                await self._remove_unneeded(prefix)
            except Unavailable as error:
                log.warning("objects left to the collector", extra={"facts": {"prefix": prefix, "why": error.reason}})

    async def republish(self) -> int:
        """Tell every separation's present state again and return how many there are."""
        async with self.database.transaction() as connection:
            separation_ids = await store.ids(connection)
            for separation_id in separation_ids:
                await messages.tell(connection, separation_id)
        return len(separation_ids)

    async def _remove_unneeded(self, prefix: str) -> None:
        keys = [ObjectKey.parse(item.key) for item in await self.objects.below(prefix)]
        needed = await self._needed({key.aggregate_id for key in keys})
        await self.objects.remove([str(key) for key in keys if not needed[key.aggregate_id](key)])

    async def _needed(self, separation_ids: Collection[str]) -> Mapping[str, Callable[[ObjectKey], bool]]:
        """Per separation a function that says which of its objects are needed."""
        async with self.database.transaction() as connection:
            running = await store.attempts_in(connection, "running", separation_ids)
            segments = running | await store.attempts_with_segments(connection, separation_ids)
            whole = running | await store.kept_attempts(connection, separation_ids)

        def needed(key: ObjectKey) -> bool:
            return (key.aggregate_id, key.attempt) in (segments if key.name.startswith(SEGMENTS) else whole)

        return dict.fromkeys(separation_ids, needed)
