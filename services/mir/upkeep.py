"""Upkeep: what the collector may remove, and announcing everything again."""

from dataclasses import dataclass

from chassis import collector
from chassis.collector import Garbage
from chassis.objects import ObjectStore
from chassis.postgres import Database
from services.mir import messages, store
from services.mir.config import SERVICE


@dataclass(frozen=True)
class Upkeep:
    """Mir's side of `puremusic.operations.v1`."""

    database: Database
    objects: ObjectStore

    async def collect(self, grace_seconds: float, dry_run: bool) -> Garbage:
        """Collect garbage: what was drawn of tracks that have no analysis."""

        async def live(track_ids: set[str]) -> dict[str, None]:
            async with self.database.transaction() as connection:
                return dict.fromkeys(await store.tracks_among(connection, sorted(track_ids)))

        return await collector.collect(self.objects, SERVICE, live, grace_seconds, dry_run=dry_run)

    async def republish(self) -> int:
        """Tell every analysis' present state again and return how many there are."""
        async with self.database.transaction() as connection:
            analysis_ids = await store.ids(connection)
            for analysis_id in analysis_ids:
                await messages.tell(connection, analysis_id)
        return len(analysis_ids)
