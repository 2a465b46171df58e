"""Upkeep: what the collector may remove, and announcing everything again."""

from dataclasses import dataclass

from chassis import collector
from chassis.collector import Garbage
from chassis.objects import ObjectStore
from chassis.postgres import Database
from services.fusion import messages, store
from services.fusion.config import SERVICE


@dataclass(frozen=True)
class Upkeep:
    """Fusion's side of `puremusic.operations.v1`."""

    database: Database
    objects: ObjectStore

    async def collect(self, grace_seconds: float, dry_run: bool) -> Garbage:
        """Collect garbage: what belongs neither to a result nor to the attempt that is under way."""
        return await collector.collect(self.objects, SERVICE, self._live, grace_seconds, dry_run=dry_run)

    async def _live(self, fusion_ids: set[str]) -> dict[str, int | None]:
        async with self.database.transaction() as connection:
            known = await store.attempts(connection, list(fusion_ids))
        return {
            fusion_id: attempt if state == "running" else result_attempt or 0
            for fusion_id, (state, result_attempt, attempt) in known.items()
        }

    async def republish(self) -> int:
        """Tell every fusion's present state again and return how many there are."""
        async with self.database.transaction() as connection:
            fusion_ids = await store.ids(connection)
            for fusion_id in fusion_ids:
                await messages.tell(connection, fusion_id)
        return len(fusion_ids)
