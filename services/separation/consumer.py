"""Transport: facts of other services to use cases."""

from dataclasses import dataclass

from puremusic.auth.v1 import events_pb2 as auth_events
from puremusic.ingest.v1 import events_pb2 as ingest_events
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import outbox
from chassis.jetstream import Bus
from chassis.jobs import JobConfig
from chassis.postgres import Database
from services.separation import messages, separations, store
from services.separation.ingest_client import to_track
from services.separation.models import Models
from services.separation.references import References
from services.separation.separations import Terms

DURABLE = "separation"
SUBJECTS = ("events.track.uploaded.>", "events.track.deleted.>", "events.user.deleted.>")


@dataclass(frozen=True)
class FactConsumer:
    """Applies facts about tracks and users."""

    database: Database
    bus: Bus
    references: References
    models: Models
    jobs: JobConfig
    pool: str

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
        emptied: set[str] = set()
        async with self.database.transaction() as connection:
            if not await outbox.newer(connection, fact.meta.aggregate_id, fact.meta.version):
                return
            if fact.deleted:
                emptied = await separations.forget_track(
                    connection, fact.meta.owner_id, fact.meta.aggregate_id, messages.announce_deleted
                )
            elif fact.track.process and not await store.of_track(connection, fact.track.track_id):
                await self._separate(connection, fact)
        await self.references.remove_unneeded(emptied)

    async def _separate(self, connection: AsyncConnection, fact: ingest_events.TrackChanged) -> None:
        """Ask for all stems of the default model.

        Also where its weights are missing: the user sees a job that failed and why, instead of nothing at all.
        """
        wanted = separations.order(self.models.card(""), ())
        terms = Terms(self.jobs, self.pool, limited=False)
        await separations.request(connection, to_track(fact.track), wanted, terms, messages.announce)

    async def _apply_user(self, fact: auth_events.UserChanged) -> None:
        if fact.deleted:
            async with self.database.transaction() as connection:
                emptied = await separations.forget_owner(connection, fact.meta.owner_id, messages.announce_deleted)
            await self.references.remove_unneeded(emptied)
