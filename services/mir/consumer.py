"""Transport: facts of other services to use cases."""

from dataclasses import dataclass

from puremusic.auth.v1 import events_pb2 as auth_events
from puremusic.ingest.v1 import events_pb2 as ingest_events
from puremusic.separation.v1 import events_pb2 as separation_events
from puremusic.separation.v1 import separation_pb2

from chassis import outbox
from chassis.jetstream import Bus
from chassis.jobs import JobConfig
from chassis.objects import ObjectStore
from chassis.postgres import Database
from services.mir import analyses, drawings, messages, store
from services.mir.documents import StemFile
from services.mir.ingest_client import to_track

DURABLE = "mir"
SUBJECTS = (
    "events.track.uploaded.>",
    "events.track.deleted.>",
    "events.separation.completed.>",
    "events.user.deleted.>",
)

# What the analysis makes use of; the residual is nobody's part.
STEMS = {
    separation_pb2.STEM_TYPE_VOCALS: "vocals",
    separation_pb2.STEM_TYPE_DRUMS: "drums",
    separation_pb2.STEM_TYPE_BASS: "bass",
    separation_pb2.STEM_TYPE_OTHER: "other",
    separation_pb2.STEM_TYPE_GUITAR: "guitar",
    separation_pb2.STEM_TYPE_PIANO: "piano",
}


@dataclass(frozen=True)
class FactConsumer:
    """Applies facts about tracks, separations and users."""

    database: Database
    objects: ObjectStore
    bus: Bus
    jobs: JobConfig

    async def run(self) -> None:
        """Consume for ever."""
        await self.bus.consume(DURABLE, SUBJECTS, self.apply)

    async def apply(self, subject: str, payload: bytes) -> None:
        """Apply one fact, if it is newer than what is known."""
        if subject.startswith("events.track."):
            await self._apply_track(ingest_events.TrackChanged.FromString(payload))
        elif subject.startswith("events.separation."):
            await self._apply_separation(separation_events.SeparationChanged.FromString(payload))
        else:
            await self._apply_user(auth_events.UserChanged.FromString(payload))

    async def _apply_track(self, fact: ingest_events.TrackChanged) -> None:
        if fact.deleted:
            await self._forget_track(fact)
            return
        async with self.database.transaction() as connection:
            track_id = fact.meta.aggregate_id
            if await outbox.buried(connection, fact.meta.owner_id, track_id):
                return
            if not await outbox.newer(connection, track_id, fact.meta.version) or not fact.track.process:
                return
            if not await store.of_track_any_owner(connection, track_id):
                await analyses.request(connection, self.jobs, to_track(fact.track), messages.ANNOUNCING, limited=False)

    async def _forget_track(self, fact: ingest_events.TrackChanged) -> None:
        async with self.database.transaction() as connection:
            if await outbox.bury(connection, fact.meta.aggregate_id):
                await analyses.forget_track(connection, fact.meta.aggregate_id, messages.announce_deleted)
        await drawings.remove(self.objects, drawings.prefix(fact.meta.owner_id, fact.meta.aggregate_id))

    async def _apply_separation(self, fact: separation_events.SeparationChanged) -> None:
        owner_id, separation = fact.meta.owner_id, fact.separation
        async with self.database.transaction() as connection:
            if await outbox.buried(connection, owner_id, separation.track_id):
                return
            if not await outbox.newer(connection, fact.meta.aggregate_id, fact.meta.version):
                return
            stems = {
                STEMS[stem.type]: StemFile(stem.object_key, stem.scale_bits)
                for stem in separation.stems
                if stem.type in STEMS
            }
            await analyses.refine(connection, self.jobs, owner_id, separation.track_id, stems, messages.ANNOUNCING)

    async def _apply_user(self, fact: auth_events.UserChanged) -> None:
        if fact.deleted:
            async with self.database.transaction() as connection:
                await outbox.bury(connection, fact.meta.owner_id)
                await analyses.forget_owner(connection, fact.meta.owner_id, messages.announce_deleted)
            await drawings.remove(self.objects, drawings.prefix(fact.meta.owner_id))
