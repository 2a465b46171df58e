"""Transport: facts of other services to use cases."""

from dataclasses import dataclass

from puremusic.auth.v1 import events_pb2 as auth_events

from chassis.jetstream import Bus
from chassis.objects import ObjectStore
from chassis.postgres import Database
from services.ingest import deletions, messages

DURABLE = "ingest"
SUBJECTS = ("events.user.deleted.>",)


@dataclass(frozen=True)
class FactConsumer:
    """Applies facts about users."""

    database: Database
    bus: Bus
    objects: ObjectStore

    async def run(self) -> None:
        """Consume for ever."""
        await self.bus.consume(DURABLE, SUBJECTS, self.apply)

    async def apply(self, subject: str, payload: bytes) -> None:
        """Apply one fact. Repeating it finds nothing left to do."""
        fact = auth_events.UserChanged.FromString(payload)
        if not fact.deleted:
            return
        async with self.database.transaction() as connection:
            tracks = await deletions.forget_owner(connection, fact.meta.owner_id, messages.announce_deleted)
        await deletions.clear(self.objects, tracks)
