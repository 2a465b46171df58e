"""Transport: facts of all services to the read model, and a hint to whoever is watching."""

from dataclasses import dataclass

from chassis.jetstream import Bus
from chassis.postgres import Database
from services.gateway import projection

DURABLE = "gateway"
SUBJECTS = tuple(f"events.{aggregate}.>" for aggregate in projection.AGGREGATES)


@dataclass(frozen=True)
class FactConsumer:
    """Folds facts into the read model."""

    database: Database
    bus: Bus

    async def run(self) -> None:
        """Consume for ever."""
        await self.bus.consume(DURABLE, SUBJECTS, self.apply)

    async def apply(self, subject: str, payload: bytes) -> None:
        """Fold one fact in; once that is committed, tell the watchers which job to look at."""
        async with self.database.transaction() as connection:
            touched = await projection.apply(connection, subject, payload)
        if touched:
            owner_id, job_id = touched
            await self.bus.hint(f"view.{owner_id}.{job_id}", job_id.encode())
