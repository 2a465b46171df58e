"""Transport: doorbells to the one use case that works."""

import asyncio
import logging
import sys
from pathlib import Path

from chassis import jetstream, server
from chassis.deletion_cost import DeletionCost
from chassis.errors import DomainError
from chassis.objects import ObjectStore
from chassis.outbox import Relay
from chassis.postgres import Database
from chassis.scratch import Scratch
from chassis.server import Process
from chassis.work import Finish, Handler, Pool, Run, Worker
from services.separation import messages
from services.separation.config import SERVICE, WorkConfig
from services.separation.engine.choice import Part, parts_of
from services.separation.engine.errors import DeviceFailed, EngineError
from services.separation.engine.registry import card_of
from services.separation.resident import ResidentModels
from services.separation.separating import Separator

log = logging.getLogger(__name__)


_JOBS_ON_A_GPU = 4
"""One track alone leaves a GPU waiting for the CPU, which reads, adds up and writes; a few together keep it busy."""


async def work(settings: WorkConfig) -> None:
    """Run the worker: load the model while the backing services are reached, then take tracks apart.

    Without the configured device or model it ends at once, and so it does when the device fails. Without weights it says so, is
    not ready, and fails each job with the reason; it loads them as soon as they are there.
    """
    models = ResidentModels(Path(settings.models.weights_dir), settings.device)
    try:
        jobs_at_once = _jobs_at_once(models)
        parts = _parts(settings.models.default_model)
    except (EngineError, ValueError) as error:
        sys.exit(str(error))
    loading = asyncio.create_task(_load(models, parts))
    database, objects = Database(settings.postgres), ObjectStore(settings.objects)
    bus, scratch = await jetstream.connect(settings.bus, "separation-worker"), Scratch(settings.scratch, SERVICE)
    scratch.sweep()
    pool = Pool(SERVICE, settings.models.pool, "separation", jobs_at_once)
    separator = Separator(
        database,
        objects,
        scratch,
        models,
        messages.announce,
        segment_seconds=settings.separating.segment_seconds,
        share_across_users=settings.separating.share_across_users,
    )
    watched = Watched(separator)
    worker = Worker(database, bus, settings.jobs, pool, watched, messages.announce)

    # A scale-in is to take a worker that has nothing to do.
    cost = [DeletionCost(settings.pod, worker.busy_seconds).run] if settings.pod.name else []

    async def run() -> None:
        await loading
        await worker.run()

    async def loaded() -> None:
        # Shielded: a check is given up after seconds, loading goes on.
        await asyncio.shield(models.check(parts))

    await server.run(
        Process(
            name="separation-worker",
            config=settings.listen,
            checks={"postgres": database.check, "nats": bus.check, "objects": objects.check, "model": loaded},
            background=[Relay(database, bus.publish).run, run, watched.until_the_device_fails, *cost],
            drain=[worker.drain],
            close=[models.close, bus.close, database.close],
        )
    )


class Watched:
    """A handler of jobs, and an eye on the device: one that failed would fail every job that comes, so the process ends."""

    def __init__(self, handler: Handler) -> None:
        """Watch `handler`."""
        self._handler = handler
        self._failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def __call__(self, run: Run) -> Finish:
        """Do the job; it is tried again elsewhere if it was the device that failed."""
        try:
            return await self._handler(run)
        except DeviceFailed as error:
            if not self._failed.done():
                self._failed.set_exception(error)
            raise

    async def until_the_device_fails(self) -> None:
        """Wait, perhaps for ever, and raise `DeviceFailed`."""
        await self._failed


def _jobs_at_once(models: ResidentModels) -> int:
    """Return how many tracks are worked on at once, and say on what."""
    how = models.how
    jobs = models.config.jobs_at_once or (_JOBS_ON_A_GPU if how.on_gpu else 1)
    facts: dict[str, object] = {"device": how.device_name, "jobs_at_once": jobs}
    if how.on_gpu:
        facts |= {"precision": how.precision.value, "batch_sizes": how.batch_sizes}
    log.info("computing", extra={"facts": facts})
    return jobs


def _parts(model: str) -> tuple[Part, ...]:
    card = card_of(model)
    return parts_of(dict.fromkeys(card.stems, card))


async def _load(models: ResidentModels, parts: tuple[Part, ...]) -> None:
    """Load the default model ahead of the first job."""
    try:
        await models.check(parts)
    except DomainError as error:
        log.error(error.message)  # noqa: TRY400  # no fault of ours: a traceback would only hide the sentence
