"""Upkeep: collecting garbage, and announcing everything again."""

from dataclasses import dataclass

from chassis import collector
from chassis.collector import Garbage
from services.separation import messages, segment_store, store
from services.separation.config import SERVICE
from services.separation.references import References


@dataclass(frozen=True)
class Upkeep:
    """Separation's side of `puremusic.operations.v1`."""

    references: References

    async def collect(self, grace_seconds: float, dry_run: bool) -> Garbage:
        """Collect garbage: what belongs neither to stems that somebody has, nor to an attempt that is running."""
        objects, needed = self.references.objects, self.references.needed
        if not dry_run:
            async with self.references.database.transaction() as connection:
                await segment_store.delete_ended(connection)
        return await collector.collect(objects, SERVICE, needed, grace_seconds, dry_run=dry_run)

    async def republish(self) -> int:
        """Tell every separation's present state again and return how many there are."""
        async with self.references.database.transaction() as connection:
            separation_ids = await store.ids(connection)
            for separation_id in separation_ids:
                await messages.tell(connection, separation_id)
        return len(separation_ids)
