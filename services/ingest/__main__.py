"""`python -m services.ingest serve | work | migrate`: read configuration, wire, run."""

import asyncio
import functools
import sys

from chassis import config, jetstream, migrations, server, telemetry
from chassis.identity import Verifier
from chassis.objects import ObjectStore
from chassis.operations import OperationsServicer
from chassis.outbox import Relay
from chassis.postgres import Database
from chassis.server import Process
from chassis.work import sweep_for_ever
from services.ingest import messages
from services.ingest.config import MIGRATIONS, SERVICE, ServeConfig, StoreConfig, WorkConfig
from services.ingest.consumer import FactConsumer
from services.ingest.janitor import Janitor
from services.ingest.policy import POLICY
from services.ingest.registration import register
from services.ingest.servicer import TracksServicer
from services.ingest.upkeep import Upkeep
from services.ingest.uploads import Uploads
from services.ingest.waveforms import Waveforms


async def serve(settings: ServeConfig) -> None:
    """Run the server."""
    await migrations.require_current(settings.postgres, MIGRATIONS)
    database, objects = Database(settings.postgres), ObjectStore(settings.objects)
    bus, upkeep = await jetstream.connect(settings.bus, SERVICE), Upkeep(database, objects)
    servicer = TracksServicer(
        database, objects, settings.jobs, settings.file, settings.quota, Uploads(database, objects), Waveforms(objects)
    )
    operations = OperationsServicer(upkeep.collect, upkeep.republish, settings.garbage_grace_seconds)
    await server.run(
        Process(
            name=SERVICE,
            config=settings.listen,
            checks={"postgres": database.check, "nats": bus.check, "objects": objects.check},
            register=functools.partial(register, servicer, operations),
            policy=POLICY,
            verifier=Verifier(settings.tokens),
            background=[
                Relay(database, bus.publish).run,
                FactConsumer(database, bus, objects).run,
                Janitor(database, objects, settings.janitor).run,
                functools.partial(sweep_for_ever, database, settings.jobs, messages.announce),
            ],
            close=[bus.close, database.close],
        )
    )


async def main(verb: str) -> None:
    """Do what the command line says."""
    if verb == "migrate":
        await migrations.migrate(config.load(StoreConfig).postgres, MIGRATIONS)
    elif verb == "work":
        from services.ingest import worker  # a server never pays for it

        settings = config.load(WorkConfig)
        telemetry.configure(settings.telemetry, "ingest-worker")
        await worker.work(settings)
    else:
        serving = config.load(ServeConfig)
        telemetry.configure(serving.telemetry, SERVICE)
        await serve(serving)


if __name__ == "__main__":
    if sys.argv[1:] not in (["serve"], ["work"], ["migrate"]):
        sys.exit(__doc__)
    asyncio.run(main(sys.argv[1]))
