"""The service put together from its configuration: what `serve` runs, and what tests call."""

import functools
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import grpc
from starlette.routing import BaseRoute

from chassis.identity import Verifier
from chassis.jetstream import Bus
from chassis.postgres import Database
from chassis.server import Check
from services.gateway.admin_servicer import AdminServicer
from services.gateway.auth_client import AuthClient
from services.gateway.config import WEB_CLIENT, BrowserConfig, ServeConfig
from services.gateway.consumer import FactConsumer
from services.gateway.http import application
from services.gateway.mesh import Mesh, MeshHealth
from services.gateway.mesh_client import MeshClient
from services.gateway.registration import register
from services.gateway.servicer import JobsServicer, LibraryServicer
from services.gateway.watching import Watches


@dataclass(frozen=True)
class Gateway:
    """The parts that a process runs."""

    checks: Mapping[str, Check]
    register: Callable[[grpc.aio.Server], Sequence[str]]
    verifier: Verifier
    routes: Sequence[BaseRoute]
    consumer: FactConsumer
    watches: Watches
    close: Callable[[], Awaitable[None]]


def assemble(config: ServeConfig, database: Database, bus: Bus) -> Gateway:
    """Put the service together."""
    checks: Mapping[str, Check] = {"postgres": database.check, "nats": bus.check}
    mesh, verifier, watches = Mesh(config.peers), Verifier(config.tokens), Watches(database, bus)
    client, auth = MeshClient(mesh.channels), AuthClient(mesh.channels["auth"])
    servicers = JobsServicer(database, watches, client), LibraryServicer(database), AdminServicer(database, bus, client)
    return Gateway(
        checks=checks,
        register=functools.partial(register, *servicers),
        verifier=verifier,
        routes=[
            application(
                with_built_client(config.browser),
                config.rights,
                auth,
                watches,
                verifier,
                MeshHealth(mesh.channels, checks),
            )
        ],
        consumer=FactConsumer(database, bus),
        watches=watches,
        close=mesh.close,
    )


def with_built_client(config: BrowserConfig) -> BrowserConfig:
    """Name the web client that was built into this package, where no other is named and there is one."""
    if config.static_directory or not (WEB_CLIENT / "index.html").is_file():
        return config
    return replace(config, static_directory=str(WEB_CLIENT))
