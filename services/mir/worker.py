"""Transport: doorbells to the one use case that works."""

import asyncio
import sys
from pathlib import Path

from chassis import jetstream, server
from chassis.objects import ObjectStore
from chassis.outbox import Relay
from chassis.postgres import Database
from chassis.scratch import Scratch
from chassis.server import Process
from chassis.work import Pool, Worker
from services.mir import messages
from services.mir.analysis import analysing
from services.mir.analysis.networks import NetworksCorrupt, NetworksMissing
from services.mir.config import POOL, SERVICE, WorkConfig
from services.mir.listening import Listener


async def work(settings: WorkConfig) -> None:
    """Run the worker: warm up while the backing services are reached, then listen to one track after the other.

    Ends at once, saying what to do, where the networks are not there.
    """
    warm = asyncio.create_task(asyncio.to_thread(analysing.warmed_up, Path(settings.weights)))
    database, objects = Database(settings.postgres), ObjectStore(settings.objects)
    bus, scratch = await jetstream.connect(settings.bus, "mir-worker"), Scratch(settings.scratch, "mir")
    scratch.sweep()
    pool = Pool(SERVICE, POOL, "analysis", settings.concurrency)
    listener = Listener(database, objects, scratch, warm, settings.stems_bytes, messages.announce)
    worker = Worker(database, bus, settings.jobs, pool, listener, messages.announce)

    async def run() -> None:
        await warm
        await worker.run()

    async def warmed_up() -> None:
        await asyncio.shield(warm)

    process = Process(
        name="mir-worker",
        config=settings.listen,
        checks={"postgres": database.check, "nats": bus.check, "objects": objects.check, "analysis": warmed_up},
        background=[Relay(database, bus.publish).run, run],
        drain=[worker.drain],
        close=[bus.close, database.close],
    )
    try:
        await server.run(process)
    except (NetworksMissing, NetworksCorrupt) as error:
        sys.exit(str(error))
