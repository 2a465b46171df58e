"""Upkeep: what the collector may remove, and announcing everything again."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from chassis import collector
from chassis.collector import Garbage
from chassis.objects import ObjectStore
from chassis.postgres import Database
from services.separation import messages, store
from services.separation.config import SERVICE


@dataclass(frozen=True)
class Upkeep:
    """Separation's side of `puremusic.operations.v1`."""

    database: Database
    objects: ObjectStore

    async def collect(self, grace_seconds: float, dry_run: bool) -> Garbage:
        """Collect garbage: what belongs neither to a completed separation nor to the attempt that is running."""

        async def live(separation_ids: AbstractSet[str]) -> dict[str, int]:
            async with self.database.transaction() as connection:
                return await store.live_attempts(connection, separation_ids)

        return await collector.collect(self.objects, SERVICE, live, grace_seconds, dry_run=dry_run)

    async def republish(self) -> int:
        """Tell every separation's present state again and return how many there are."""
        async with self.database.transaction() as connection:
            separation_ids = await store.ids(connection)
            for separation_id in separation_ids:
                await messages.tell(connection, separation_id)
        return len(separation_ids)
