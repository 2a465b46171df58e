"""Transport: facts of other services to use cases."""

from dataclasses import dataclass

from puremusic.auth.v1 import events_pb2 as auth_events
from puremusic.ingest.v1 import events_pb2 as ingest_events

from chassis import outbox
from chassis.jetstream import Bus
from chassis.objects import ObjectStore
from chassis.postgres import Database
from services.fusion import fusions, messages

DURABLE = "fusion"
SUBJECTS = ("events.track.deleted.>", "events.user.deleted.>")


@dataclass(frozen=True)
class FactConsumer:
    """Applies facts about tracks and users."""

    database: Database
    bus: Bus
    objects: ObjectStore

    async def run(self) -> None:
        """Consume for ever."""
        await self.bus.consume(DURABLE, SUBJECTS, self.apply)

    async def apply(self, subject: str, payload: bytes) -> None:
        """Apply one fact."""
        if subject.startswith("events.track."):
            await self._apply_track(ingest_events.TrackChanged.FromString(payload))
        else:
            await self._apply_user(auth_events.UserChanged.FromString(payload))

    async def _apply_track(self, fact: ingest_events.TrackChanged) -> None:
        async with self.database.transaction() as connection:
            if await outbox.bury(connection, fact.meta.aggregate_id):
                await fusions.forget_track(connection, fact.meta.aggregate_id, messages.announce)

    async def _apply_user(self, fact: auth_events.UserChanged) -> None:
        if not fact.deleted:
            return
        async with self.database.transaction() as connection:
            await outbox.bury(connection, fact.meta.owner_id)
            await fusions.forget_owner(connection, fact.meta.owner_id, messages.announce_deleted)
        # All that is the owner's, not only what was just forgotten: after an outage of the store the fact comes again.
        await self.objects.remove_prefix(fusions.owner_prefix(fact.meta.owner_id))
