"""`python -m services.gateway serve | migrate`: read configuration, wire, run."""

import asyncio
import functools
import sys

from chassis import config, jetstream, migrations, server, telemetry
from chassis.identity import Verifier
from chassis.postgres import Database
from chassis.server import Process
from services.gateway.admin_servicer import AdminServicer
from services.gateway.config import MIGRATIONS, ServeConfig, StoreConfig
from services.gateway.consumer import FactConsumer
from services.gateway.mesh import Mesh
from services.gateway.mesh_client import MeshClient
from services.gateway.policy import POLICY
from services.gateway.registration import register
from services.gateway.servicer import JobsServicer, LibraryServicer
from services.gateway.watching import Watches


async def serve(settings: ServeConfig) -> None:
    """Run the server."""
    await migrations.require_current(settings.postgres, MIGRATIONS)
    database, mesh = Database(settings.postgres), Mesh(settings.peers)
    bus = await jetstream.connect(settings.bus, "gateway")
    client, watches = MeshClient(mesh.channels), Watches(database, bus)
    servicers = JobsServicer(database, watches, client), LibraryServicer(database), AdminServicer(database, bus, client)
    await server.run(
        Process(
            name="gateway",
            config=settings.listen,
            checks={"postgres": database.check, "nats": bus.check},
            register=functools.partial(register, *servicers),
            policy=POLICY,
            verifier=Verifier(settings.tokens),
            background=[FactConsumer(database, bus).run],
            drain=[watches.end],
            close=[mesh.close, bus.close, database.close],
        )
    )


async def main(verb: str) -> None:
    """Do what the command line says."""
    if verb == "migrate":
        await migrations.migrate(config.load(StoreConfig).postgres, MIGRATIONS)
        return
    settings = config.load(ServeConfig)
    telemetry.configure(settings.telemetry, "gateway")
    await serve(settings)


if __name__ == "__main__":
    if sys.argv[1:] not in (["serve"], ["migrate"]):
        sys.exit(__doc__)
    asyncio.run(main(sys.argv[1]))
