"""Upkeep: what the collector may remove, and announcing everything again."""

from collections.abc import Mapping
from dataclasses import dataclass

from chassis import collector
from chassis.collector import Attempts, Garbage
from chassis.objects import ObjectStore
from chassis.postgres import Database
from services.ingest import messages, store
from services.ingest.config import SERVICE


@dataclass(frozen=True)
class Upkeep:
    """Ingest's side of `puremusic.operations.v1`."""

    database: Database
    objects: ObjectStore

    async def collect(self, grace_seconds: float, dry_run: bool) -> Garbage:
        """Collect garbage. Of a track, the original and the master's attempt are real."""

        async def live(track_ids: set[str]) -> Mapping[str, Attempts]:
            async with self.database.transaction() as connection:
                return await store.real_attempts(connection, sorted(track_ids))

        return await collector.collect(self.objects, SERVICE, live, grace_seconds, dry_run=dry_run)

    async def republish(self) -> int:
        """Tell every track's present state again and return how many there are."""
        async with self.database.transaction() as connection:
            track_ids = await store.ids(connection)
            for track_id in track_ids:
                await messages.tell(connection, track_id)
        return len(track_ids)
