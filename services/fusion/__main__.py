"""`python -m services.fusion serve | work | migrate`: read configuration, wire, run."""

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
from services.fusion import messages
from services.fusion.config import MIGRATIONS, ServeConfig, StoreConfig, WorkConfig
from services.fusion.consumer import FactConsumer
from services.fusion.heard_tracks import HeardTracks
from services.fusion.ingest_client import IngestClient
from services.fusion.mir_client import MirClient
from services.fusion.ordering import Ordering
from services.fusion.pairing import Pairing
from services.fusion.policy import POLICY
from services.fusion.registration import register
from services.fusion.separation_client import SeparationClient
from services.fusion.servicer import FusionsServicer
from services.fusion.upkeep import Upkeep


async def serve(settings: ServeConfig) -> None:
    """Run the server."""
    await migrations.require_current(settings.postgres, MIGRATIONS)
    database, objects = Database(settings.postgres), ObjectStore(settings.objects)
    bus = await jetstream.connect(settings.bus, "fusion")
    separation = SeparationClient(settings.separation_address)
    mir, ingest = MirClient(settings.mir_address), IngestClient(settings.ingest_address)
    tracks = HeardTracks(mir, ingest)
    upkeep = Upkeep(database, objects)
    ordering, pairing = Ordering(separation, tracks), Pairing(separation, tracks)
    servicer = FusionsServicer(database, bus, objects, settings.jobs, ordering, pairing)
    operations = OperationsServicer(upkeep.collect, upkeep.republish, settings.garbage_grace_seconds)
    await server.run(
        Process(
            name="fusion",
            config=settings.listen,
            checks={"postgres": database.check, "nats": bus.check},
            register=functools.partial(register, servicer, operations),
            policy=POLICY,
            verifier=Verifier(settings.tokens),
            background=[
                Relay(database, bus.publish).run,
                FactConsumer(database, bus, objects).run,
                functools.partial(sweep_for_ever, database, settings.jobs, messages.announce),
            ],
            close=[separation.close, mir.close, ingest.close, bus.close, database.close],
        )
    )


async def main(verb: str) -> None:
    """Do what the command line says."""
    if verb == "migrate":
        await migrations.migrate(config.load(StoreConfig).postgres, MIGRATIONS)
    elif verb == "work":
        from services.fusion import worker  # what decodes and writes: a server only plans

        settings = config.load(WorkConfig)
        telemetry.configure(settings.telemetry, "fusion-worker")
        await worker.work(settings)
    else:
        serving = config.load(ServeConfig)
        telemetry.configure(serving.telemetry, "fusion")
        await serve(serving)


if __name__ == "__main__":
    if sys.argv[1:] not in (["serve"], ["work"], ["migrate"]):
        sys.exit(__doc__)
    asyncio.run(main(sys.argv[1]))
