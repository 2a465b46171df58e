"""`python -m services.separation serve | work | migrate`: read configuration, wire, run."""

import asyncio
import functools
import sys
from pathlib import Path

from chassis import config, jetstream, migrations, server, telemetry
from chassis.identity import Verifier
from chassis.objects import ObjectStore
from chassis.operations import OperationsServicer
from chassis.outbox import Relay
from chassis.postgres import Database
from chassis.scratch import Scratch
from chassis.server import Process
from chassis.work import sweep_for_ever
from services.separation import messages
from services.separation.config import MIGRATIONS, ServeConfig, StoreConfig, WorkConfig
from services.separation.consumer import FactConsumer
from services.separation.downloads import Downloads
from services.separation.ingest_client import IngestClient
from services.separation.models import Models
from services.separation.policy import POLICY
from services.separation.references import References
from services.separation.registration import register
from services.separation.servicer import SeparationsServicer
from services.separation.upkeep import Upkeep


async def serve(settings: ServeConfig) -> None:
    """Run the server."""
    models = Models(Path(settings.models.weights_dir), settings.models.default_model)
    await migrations.require_current(settings.postgres, MIGRATIONS)
    database, objects = Database(settings.postgres), ObjectStore(settings.objects)
    bus, ingest = await jetstream.connect(settings.bus, "separation"), IngestClient(settings.ingest_address)
    scratch = Scratch(settings.scratch, "separation-server")
    scratch.sweep()
    downloads, references = Downloads(database, objects, scratch), References(database, objects)
    pool = settings.models.pool
    servicer = SeparationsServicer(database, bus, settings.jobs, pool, models, downloads, ingest)
    upkeep = Upkeep(references)
    operations = OperationsServicer(upkeep.collect, upkeep.republish, settings.garbage_grace_seconds)
    verifying = asyncio.create_task(models.warn_if_absent())
    await server.run(
        Process(
            name="separation",
            config=settings.listen,
            checks={"postgres": database.check, "nats": bus.check, "objects": objects.check},
            register=functools.partial(register, servicer, operations),
            policy=POLICY,
            verifier=Verifier(settings.tokens),
            background=[
                Relay(database, bus.publish).run,
                FactConsumer(database, bus, references, models, settings.jobs, pool).run,
                functools.partial(sweep_for_ever, database, settings.jobs, messages.announce),
            ],
            close=[downloads.close, ingest.close, bus.close, database.close],
        )
    )
    await verifying


async def main(verb: str) -> None:
    """Do what the command line says."""
    if verb == "migrate":
        await migrations.migrate(config.load(StoreConfig).postgres, MIGRATIONS)
    elif verb == "work":
        from services.separation import worker  # torch and its kind: a server never pays for them

        settings = config.load(WorkConfig)
        telemetry.configure(settings.telemetry, "separation-worker")
        await worker.work(settings)
    else:
        serving = config.load(ServeConfig)
        telemetry.configure(serving.telemetry, "separation")
        await serve(serving)


if __name__ == "__main__":
    if sys.argv[1:] not in (["serve"], ["work"], ["migrate"]):
        sys.exit(__doc__)
    asyncio.run(main(sys.argv[1]))
