"""Transport: doorbells to the one use case that works."""

from chassis import jetstream, server
from chassis.objects import ObjectStore
from chassis.outbox import Relay
from chassis.postgres import Database
from chassis.scratch import Scratch
from chassis.server import Process
from chassis.work import Pool, Worker
from services.ingest import messages
from services.ingest.config import POOL, SERVICE, WorkConfig
from services.ingest.importing import Importer


async def work(settings: WorkConfig) -> None:
    """Run the worker."""
    database, objects = Database(settings.postgres), ObjectStore(settings.objects)
    bus, scratch = await jetstream.connect(settings.bus, "ingest-worker"), Scratch(settings.scratch, SERVICE)
    scratch.sweep()
    pool = Pool(SERVICE, POOL, "import", settings.concurrency)
    importer = Importer(database, objects, scratch, settings.file.limits())
    worker = Worker(database, bus, settings.jobs, pool, importer, messages.announce)
    await server.run(
        Process(
            name="ingest-worker",
            config=settings.listen,
            checks={"postgres": database.check, "nats": bus.check, "objects": objects.check},
            background=[Relay(database, bus.publish).run, worker.run],
            drain=[worker.drain],
            close=[bus.close, database.close],
        )
    )
