"""The janitor: removes what nobody will finish. Any number of servers may run one."""

import asyncio
import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy.exc import DBAPIError

from chassis.errors import Unavailable
from chassis.objects import ObjectStore, StoreError
from chassis.postgres import Database
from chassis.reopening import OUR_FAULT
from services.ingest import deletions, messages, store
from services.ingest.config import SERVICE, JanitorConfig

log = logging.getLogger(__name__)

BATCH = 100


@dataclass(frozen=True)
class Janitor:
    """Removes uploads that were never completed, and the bytes of files that were refused."""

    database: Database
    objects: ObjectStore
    config: JanitorConfig

    async def run(self) -> None:
        """Do a round again and again."""
        while True:
            try:
                await self.remove_expired()
                await self.remove_refused()
                await self.abort_abandoned()
            except (DBAPIError, Unavailable, StoreError) as error:
                log.warning("janitor pauses", extra={"facts": {"error": repr(error)}})
            await asyncio.sleep(self.config.round_seconds)

    async def remove_expired(self) -> int:
        """Remove tracks whose bytes did not arrive in time, a batch at once, and return how many."""
        async with self.database.transaction() as connection:
            tracks = await store.expired(connection, self.config.upload_lifetime_seconds, BATCH)
            await deletions.forget(connection, tracks, messages.announce_deleted)
        await deletions.clear(self.objects, tracks)
        if tracks:
            log.info("unfinished uploads removed", extra={"facts": {"tracks": len(tracks)}})
        return len(tracks)

    async def remove_refused(self) -> int:
        """Remove the bytes of refused files and return how many. The tracks stay, so that users can see why."""
        async with self.database.transaction() as connection:
            tracks = await store.refused_with_bytes(connection, sorted(OUR_FAULT), BATCH)
        for track in tracks:
            if await deletions.clear(self.objects, [track]):
                async with self.database.transaction() as connection:
                    await store.mark_removed(connection, track.track_id)
        return len(tracks)

    async def abort_abandoned(self) -> None:
        """Abort multipart uploads that are older than any track still waiting for its parts: no row knows them."""
        oldest = datetime.now(UTC) - timedelta(seconds=self.config.upload_lifetime_seconds)
        for upload in await self.objects.unfinished(f"{SERVICE}/"):
            if upload.started < oldest:
                await self.objects.abort_parts(upload.key, upload.upload_id)
