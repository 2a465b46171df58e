"""Transport: doorbells to the one use case that works."""

from chassis import jetstream, server
from chassis.objects import ObjectStore
from chassis.outbox import Relay
from chassis.postgres import Database
from chassis.scratch import Scratch
from chassis.server import Process
from chassis.work import Pool, Worker
from services.fusion import messages
from services.fusion.config import POOL, SERVICE, WorkConfig
from services.fusion.fusing import Fuser


async def work(settings: WorkConfig) -> None:
    """Run the worker: make one fusion after the other."""
    database, objects = Database(settings.postgres), ObjectStore(settings.objects)
    bus, scratch = await jetstream.connect(settings.bus, "fusion-worker"), Scratch(settings.scratch, "fusion")
    scratch.sweep()
    pool = Pool(SERVICE, POOL, "fusion", settings.concurrency)
    worker = Worker(database, bus, settings.jobs, pool, Fuser(database, objects, scratch), messages.announce)
    await server.run(
        Process(
            name="fusion-worker",
            config=settings.listen,
            checks={"postgres": database.check, "nats": bus.check, "objects": objects.check},
            background=[Relay(database, bus.publish).run, worker.run],
            drain=[worker.drain],
            close=[bus.close, database.close],
        )
    )
