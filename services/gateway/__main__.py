"""`python -m services.gateway serve | migrate`: read configuration, wire, run."""

import asyncio
import functools
import sys

from chassis import config, jetstream, migrations, server, telemetry
from chassis.postgres import Database
from chassis.server import Process
from services.gateway import dead_letters
from services.gateway.assembly import assemble
from services.gateway.config import MIGRATIONS, ServeConfig, StoreConfig
from services.gateway.policy import POLICY


async def serve(settings: ServeConfig) -> None:
    """Run the server."""
    await migrations.require_current(settings.postgres, MIGRATIONS)
    database, bus = Database(settings.postgres), await jetstream.connect(settings.bus, "gateway")
    gateway = assemble(settings, database, bus)
    await server.run(
        Process(
            name="gateway",
            config=settings.listen,
            checks=gateway.checks,
            register=gateway.register,
            policy=POLICY,
            verifier=gateway.verifier,
            routes=gateway.routes,
            background=[gateway.consumer.run, functools.partial(dead_letters.count_for_ever, bus.streams)],
            drain=[gateway.watches.end],
            close=[gateway.close, bus.close, database.close],
        )
    )


async def main(verb: str) -> None:
    """Do what the command line says."""
    if verb == "migrate":
        await migrations.migrate(config.load(StoreConfig).postgres, MIGRATIONS)
    else:
        settings = config.load(ServeConfig)
        telemetry.configure(settings.telemetry, "gateway")
        await serve(settings)


if __name__ == "__main__":
    if sys.argv[1:] not in (["serve"], ["migrate"]):
        sys.exit(__doc__)
    asyncio.run(main(sys.argv[1]))
