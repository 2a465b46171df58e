"""Separations as rows and objects, over the real database and store: their workers are played by the tests, step by step."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import jobs
from chassis.config import Secret
from chassis.jobs import Job, JobConfig
from chassis.objects import ObjectKey, ObjectStore, ObjectStoreConfig
from chassis.postgres import Database, PostgresConfig
from chassis.work import Finish
from deploy.local.facts import PostgresFacts, S3Facts
from services.separation import messages, reuse, segment_store, separations, store
from services.separation.config import SERVICE
from services.separation.engine.choice import parts_of
from services.separation.engine.registry import card_of
from services.separation.references import References
from services.separation.segment_store import SegmentRow, SegmentStem
from services.separation.separations import Terms, Track
from services.separation.store import RESIDUAL, SeparationRow, StemRow
from services.separation.upkeep import Upkeep

LEASE_SECONDS = 60.0
SAMPLE_RATE = 44_100
CONFIG = JobConfig(per_user=100)
TERMS = Terms(CONFIG, "gpu", limited=True)


def database_of(facts: PostgresFacts) -> Database:
    """The service's own schema."""
    return Database(PostgresConfig(facts.url(SERVICE), Secret(facts.password(SERVICE))))


def store_config(facts: S3Facts) -> ObjectStoreConfig:
    """How the object store is reached."""
    key, secret = Secret(facts.access_key.value), Secret(facts.secret_key.value)
    return ObjectStoreConfig(facts.endpoint, facts.endpoint, key, secret, facts.region, facts.bucket)


def store_of(facts: S3Facts) -> ObjectStore:
    """The object store."""
    return ObjectStore(store_config(facts))


@dataclass
class Ledger:
    """The rows and the objects."""

    database: Database
    objects: ObjectStore
    references: References = field(init=False)
    upkeep: Upkeep = field(init=False)

    def __post_init__(self) -> None:
        self.references = References(self.database, self.objects)
        self.upkeep = Upkeep(self.references)

    async def ask(self, owner: str, audio: str, *stems: str, track: str = "", title: str = "A song") -> str:
        """Ask for a separation of a track with this audio; a new track unless one is named."""
        order = separations.order(card_of("htdemucs"), stems or ("bass",))
        wanted = Track(track or str(uuid.uuid4()), owner, title, f"ingest/{owner}/t/1/m", audio, SAMPLE_RATE, 2)
        async with self.database.transaction() as connection:
            return await separations.request(connection, wanted, order, TERMS, messages.announce)

    async def claim(self, separation_id: str) -> Job:
        """Begin an attempt, as a worker does that has heard the doorbell."""
        async with self.database.transaction() as connection:
            job = await jobs.claim(connection, separation_id, "worker", LEASE_SECONDS)
            assert job is not None, f"{separation_id} can't be claimed"
            await messages.announce(connection, separation_id)
        return job

    async def decide(self, job: Job, *, shared: bool = False) -> Finish | None:
        """What the worker is told to do: to write stems that are there (a `Finish`), to compute (None), to wait (`Deferred`)."""
        row = await self.row(job.job_id)
        parts = parts_of({stem: card_of(row.model_of(stem)) for stem in row.stem_types})
        return await reuse.take_over(self.database, job, row, reuse.recipe(row, parts, shared=shared))

    async def wait(self, job: Job, *, seconds: float = reuse.LOOK_AGAIN_SECONDS) -> None:
        """Put it back into the queue, as the worker does that was told to wait."""
        async with self.database.transaction() as connection:
            assert await jobs.hand_back(connection, job, seconds, counted=False)
            await messages.announce(connection, job.job_id)

    async def end(self, job: Job, state: str, write: Finish | None = None) -> None:
        """End an attempt; raises `Deferred` if what `write` relied on is gone, and nothing is written then."""
        async with self.database.transaction() as connection:
            assert await jobs.finish(connection, job, state, jobs.Effort())
            if write:
                await write(connection)
            await messages.announce(connection, job.job_id)

    async def compute(self, job: Job, residual: str = "residual.flac") -> None:
        """Store stems and residual, and complete."""
        row = await self.row(job.job_id)
        stems = [await self._stem(row, job, stem, f"{stem}.flac") for stem in row.stem_types]
        stems.append(await self._stem(row, job, RESIDUAL, residual))

        async def write(connection: AsyncConnection) -> None:
            await store.insert_stems(connection, stems)
            await store.set_null_test(connection, row.separation_id, exact=True, depth_db=30.5)

        await self.end(job, "completed", write)

    async def computed(self, owner: str, audio: str, *stems: str, track: str = "", shared: bool = False) -> str:
        """A separation that was asked for and computed."""
        separation_id = await self.ask(owner, audio, *stems, track=track)
        job = await self.claim(separation_id)
        assert await self.decide(job, shared=shared) is None
        await self.compute(job)
        return separation_id

    async def taken_over(self, owner: str, audio: str, *stems: str, track: str = "", shared: bool = False) -> str:
        """A separation that was asked for and got the stems of another one."""
        separation_id = await self.ask(owner, audio, *stems, track=track)
        job = await self.claim(separation_id)
        finish = await self.decide(job, shared=shared)
        assert finish is not None
        await self.end(job, "completed", finish)
        return separation_id

    async def segment(self, job: Job, first_frame: int, frames: int) -> str:
        """Publish a piece of the bass; its object's key."""
        row = await self.row(job.job_id)
        key = await self.put(row, job.attempt, f"segments/{first_frame}-bass.flac")
        piece = SegmentStem("bass", key, 0, 1, "")
        async with self.database.transaction() as connection:
            segment = SegmentRow(job.job_id, first_frame, frames, job.attempt, row.recipe, [piece])
            await segment_store.insert(connection, segment)
        return key

    async def put(self, row: SeparationRow, attempt: int, name: str) -> str:
        """Store something small under an attempt; its key."""
        key = ObjectKey(SERVICE, row.owner_id, row.separation_id, attempt, name)
        with TemporaryDirectory() as folder:
            path = Path(folder, "object")
            path.write_bytes(b".")
            await self.objects.put_file(key, path, "audio/flac")
        return str(key)

    async def row(self, separation_id: str) -> SeparationRow:
        """The separation."""
        async with self.database.transaction() as connection:
            return await store.by_id(connection, separation_id)

    async def stems(self, separation_id: str) -> Sequence[StemRow]:
        """Its stems, the residual last."""
        async with self.database.transaction() as connection:
            found = await store.stems_of(connection, [separation_id])
        return sorted(found[separation_id], key=lambda stem: (stem.type == RESIDUAL, stem.type))

    async def delete_track(self, owner: str, track: str) -> None:
        """Forget a track and remove what nobody needs any more."""
        async with self.database.transaction() as connection:
            emptied = await separations.forget_track(connection, owner, track, messages.announce_deleted)
        await self.references.remove_unneeded(emptied)

    async def delete_owner(self, owner: str) -> None:
        """Forget a user and remove what nobody needs any more."""
        async with self.database.transaction() as connection:
            emptied = await separations.forget_owner(connection, owner, messages.announce_deleted)
        await self.references.remove_unneeded(emptied)

    async def stored(self, owner: str) -> list[str]:
        """The keys of the objects below a user's prefix."""
        return sorted(item.key for item in await self.objects.below(f"{SERVICE}/{owner}/"))

    async def rung(self, separation_id: str) -> bool:
        """Whether the job may be claimed now."""
        async with self.database.transaction() as connection:
            due = "SELECT state = 'pending' AND not_before <= now() FROM job WHERE job_id = :id"
            return bool(await connection.scalar(text(due), {"id": separation_id}))

    async def _stem(self, row: SeparationRow, job: Job, stem_type: str, name: str) -> StemRow:
        key = await self.put(row, job.attempt, name)
        return StemRow(str(uuid.uuid4()), row.separation_id, stem_type, key, 88_200, SAMPLE_RATE, 2, 1, "ab", 0.0, 0)
