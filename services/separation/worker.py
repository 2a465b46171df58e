"""Transport: doorbells to the one use case that works."""

import asyncio
import logging
import sys
from pathlib import Path

from chassis import jetstream, server
from chassis.errors import NotReady
from chassis.objects import ObjectStore
from chassis.outbox import Relay
from chassis.postgres import Database
from chassis.scratch import Scratch
from chassis.server import Process
from chassis.work import Pool, Worker
from services.separation import messages
from services.separation.config import SERVICE, WorkConfig
from services.separation.engine.errors import EngineError
from services.separation.engine.registry import card_of
from services.separation.resident import ResidentModels
from services.separation.separating import Separator

log = logging.getLogger(__name__)


async def work(settings: WorkConfig) -> None:
    """Run the worker: load the model while the backing services are reached, then take apart one track after the other.

    Without the configured device or model it ends at once. Without weights it says so, is not ready, and fails each job with the
    reason; it loads them as soon as they are there.
    """
    models = ResidentModels(Path(settings.models.weights_dir), settings.device)
    try:
        models.require_device()
        card_of(settings.models.default_model)
    except EngineError as error:
        sys.exit(str(error))
    loading = asyncio.create_task(_load(models, settings.models.default_model))
    database, objects = Database(settings.postgres), ObjectStore(settings.objects)
    bus, scratch = await jetstream.connect(settings.bus, "separation-worker"), Scratch(settings.scratch, SERVICE)
    scratch.sweep()
    pool = Pool(SERVICE, settings.models.pool, "separation")
    separator = Separator(database, objects, scratch, models)
    worker = Worker(database, bus, settings.jobs, pool, separator, messages.announce)

    async def run() -> None:
        await loading
        await worker.run()

    async def loaded() -> None:
        # Shielded: a check is given up after seconds, loading goes on.
        await asyncio.shield(models.get(settings.models.default_model))

    await server.run(
        Process(
            name="separation-worker",
            config=settings.listen,
            checks={"postgres": database.check, "nats": bus.check, "objects": objects.check, "model": loaded},
            background=[Relay(database, bus.publish).run, run],
            drain=[worker.drain],
            close=[bus.close, database.close],
        )
    )


async def _load(models: ResidentModels, name: str) -> None:
    """Load the default model ahead of the first job."""
    try:
        await models.get(name)
    except NotReady as error:
        log.error(error.message)  # noqa: TRY400  # no fault of ours: a traceback would only hide the sentence
