"""A schema with the chassis' own tables, a bus, and a worker's surroundings."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import ddl, jetstream, outbox
from chassis.config import Secret
from chassis.jetstream import Bus, BusConfig
from chassis.jobs import JobConfig
from chassis.postgres import Database, PostgresConfig
from deploy.local.facts import NatsFacts, PostgresFacts

ROLE = "mir"


@pytest.fixture
async def schema(fresh_database, request: pytest.FixtureRequest) -> AsyncIterator[Database]:  # type: ignore[no-untyped-def]  # a factory fixture
    """An empty schema with outbox, jobs and keys."""
    facts: PostgresFacts = fresh_database()
    opened = Database(PostgresConfig(facts.url(ROLE), Secret(facts.password(ROLE)), pool_size=8))
    async with opened.transaction() as connection:
        for statement in ";".join((ddl.OUTBOX_V1, ddl.APPLIED_V1, ddl.IDEMPOTENCY_V1, ddl.JOB_V1)).split(";"):
            await connection.execute(text(statement))
    yield opened
    await opened.close()


@pytest.fixture
async def wire(bus: NatsFacts) -> AsyncIterator[Bus]:
    """A connection to the bus as a service has it."""
    connected = await jetstream.connect(BusConfig(bus.url, ROLE, Secret(bus.password(ROLE))), "test")
    yield connected
    await connected.close()


@dataclass
class Announcements:
    """What was announced, in order."""

    made: list[tuple[str, str]] = field(default_factory=list)

    async def __call__(self, connection: AsyncConnection, job_id: str) -> None:
        """Note the job's state, and say it through the outbox."""
        state = await connection.scalar(text("SELECT state FROM job WHERE job_id = :id"), {"id": job_id})
        self.made.append((job_id, str(state)))
        await outbox.append(connection, f"events.analysis.{state}.owner.{job_id}", b"", f"{job_id}-{len(self.made)}")


@pytest.fixture
def announcements() -> Announcements:
    """An `Announce` that remembers."""
    return Announcements()


@pytest.fixture
def quick() -> JobConfig:
    """Leases and sweeps so short that a test can wait for them."""
    return JobConfig(
        lease_seconds=1.0, max_attempts=3, deadline_seconds=60, sweep_seconds=0.1, ring_again_seconds=0.5, per_user=3
    )
