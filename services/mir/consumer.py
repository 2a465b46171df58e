"""Transport: facts of other services to use cases."""

from dataclasses import dataclass

from puremusic.auth.v1 import events_pb2 as auth_events
from puremusic.ingest.v1 import events_pb2 as ingest_events

from chassis import outbox
from chassis.jetstream import Bus
from chassis.jobs import JobConfig
from chassis.postgres import Database
from services.mir import analyses, messages, store
from services.mir.ingest_client import to_track

DURABLE = "mir"
SUBJECTS = ("events.track.uploaded.>", "events.track.deleted.>", "events.user.deleted.>")


@dataclass(frozen=True)
class FactConsumer:
    """Applies facts about tracks and users."""

    database: Database
    bus: Bus
    jobs: JobConfig

    async def run(self) -> None:
        """Consume for ever."""
        await self.bus.consume(DURABLE, SUBJECTS, self.apply)

    async def apply(self, subject: str, payload: bytes) -> None:
        """Apply one fact, if it is newer than what is known."""
        if subject.startswith("events.track."):
            await self._apply_track(ingest_events.TrackChanged.FromString(payload))
        else:
            await self._apply_user(auth_events.UserChanged.FromString(payload))

    async def _apply_track(self, fact: ingest_events.TrackChanged) -> None:
        async with self.database.transaction() as connection:
            track_id = fact.meta.aggregate_id
            if fact.deleted:
                if await outbox.bury(connection, track_id):
                    await analyses.forget_track(connection, track_id, messages.announce_deleted)
                return
            if await outbox.buried(connection, fact.meta.owner_id, track_id):
                return
            if not await outbox.newer(connection, track_id, fact.meta.version) or not fact.track.process:
                return
            if not await store.of_track_any_owner(connection, track_id):
                await analyses.request(connection, self.jobs, to_track(fact.track), messages.ANNOUNCING, limited=False)

    async def _apply_user(self, fact: auth_events.UserChanged) -> None:
        if fact.deleted:
            async with self.database.transaction() as connection:
                await outbox.bury(connection, fact.meta.owner_id)
                await analyses.forget_owner(connection, fact.meta.owner_id, messages.announce_deleted)
