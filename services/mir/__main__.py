"""`python -m services.mir serve | work | migrate`: read configuration, wire, run."""

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
from services.mir import messages
from services.mir.config import MIGRATIONS, ServeConfig, StoreConfig, WorkConfig
from services.mir.consumer import FactConsumer
from services.mir.ingest_client import IngestClient
from services.mir.policy import POLICY
from services.mir.registration import register
from services.mir.servicer import AnalysesServicer
from services.mir.upkeep import Upkeep


async def serve(settings: ServeConfig) -> None:
    """Run the server."""
    await migrations.require_current(settings.postgres, MIGRATIONS)
    database, objects = Database(settings.postgres), ObjectStore(settings.objects)
    bus, ingest = await jetstream.connect(settings.bus, "mir"), IngestClient(settings.ingest_address)
    upkeep = Upkeep(database, objects)
    servicer = AnalysesServicer(database, objects, bus, settings.jobs, ingest)
    operations = OperationsServicer(upkeep.collect, upkeep.republish, settings.garbage_grace_seconds)
    await server.run(
        Process(
            name="mir",
            config=settings.listen,
            checks={"postgres": database.check, "nats": bus.check},
            register=functools.partial(register, servicer, operations),
            policy=POLICY,
            verifier=Verifier(settings.tokens),
            background=[
                Relay(database, bus.publish).run,
                FactConsumer(database, objects, bus, settings.jobs).run,
                functools.partial(sweep_for_ever, database, settings.jobs, messages.announce),
            ],
            close=[ingest.close, bus.close, database.close],
        )
    )


async def main(verb: str) -> None:
    """Do what the command line says."""
    if verb == "migrate":
        await migrations.migrate(config.load(StoreConfig).postgres, MIGRATIONS)
    elif verb == "work":
        from services.mir import worker  # librosa and its kind: a server never pays for them

        settings = config.load(WorkConfig)
        telemetry.configure(settings.telemetry, "mir-worker")
        await worker.work(settings)
    else:
        serving = config.load(ServeConfig)
        telemetry.configure(serving.telemetry, "mir")
        await serve(serving)


if __name__ == "__main__":
    if sys.argv[1:] not in (["serve"], ["work"], ["migrate"]):
        sys.exit(__doc__)
    asyncio.run(main(sys.argv[1]))
