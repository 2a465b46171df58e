"""`python -m services.auth serve | migrate | grant EMAIL user|admin`: read configuration, wire, run."""

import asyncio
import functools
import sys

from chassis import config, jetstream, migrations, server, telemetry
from chassis.outbox import Relay
from chassis.postgres import Database
from chassis.server import Process
from services.auth.assembly import assemble
from services.auth.config import MIGRATIONS, Config, StoreConfig
from services.auth.policy import POLICY
from services.auth.roles import ROLES, grant
from services.auth.upkeep import prune_for_ever


async def serve(settings: Config) -> None:
    """Run the server."""
    await migrations.require_current(settings.postgres, MIGRATIONS)
    database = Database(settings.postgres)
    auth = assemble(settings, database)
    await auth.use_cases.keys.ensure()
    bus = await jetstream.connect(settings.bus, "auth")
    await server.run(
        Process(
            name="auth",
            config=settings.listen,
            checks={"postgres": database.check, "nats": bus.check},
            register=auth.register,
            policy=POLICY,
            verifier=auth.verifier,
            routes=[auth.jwks],
            background=[
                Relay(database, bus.publish).run,
                functools.partial(prune_for_ever, database, settings.prune_seconds, settings.lockout.memory_seconds),
            ],
            close=[auth.hasher.close, bus.close, database.close],
        )
    )


async def main(arguments: list[str]) -> None:
    """Do what the command line says."""
    match arguments:
        case ["serve"]:
            settings = config.load(Config)
            telemetry.configure(settings.telemetry, "auth")
            await serve(settings)
        case ["migrate"]:
            await migrations.migrate(config.load(StoreConfig).postgres, MIGRATIONS)
        case ["grant", email, role] if role in ROLES:
            await grant(config.load(StoreConfig).postgres, email, role)
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
