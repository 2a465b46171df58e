"""Gateway in this process, on the real Postgres and NATS: its consumer, its gRPC server and its HTTP server."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import grpc
import nats
import uvicorn
from nats.js import JetStreamContext
from puremusic.gateway.v1 import gateway_pb2_grpc
from sqlalchemy import Row, text
from starlette.applications import Starlette

from chassis import jetstream, migrations
from chassis.config import load
from chassis.interceptor import CallInterceptor
from chassis.jetstream import Bus
from chassis.postgres import Database
from deploy.local.facts import NatsFacts, PostgresFacts
from deploy.local.nats import OPERATOR
from services.gateway.assembly import Gateway, assemble
from services.gateway.config import MIGRATIONS, ServeConfig
from services.gateway.policy import POLICY
from tests.integration.gateway.facts import Fact
from tests.integration.ingest.keyring import Keyring

NOBODY = "127.0.0.1:1"

Metadata = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Running:
    """A running gateway, and the ways to it."""

    gateway: Gateway
    database: Database
    bus: Bus
    streams: JetStreamContext
    """Of somebody who may say anything: the other services."""
    keyring: Keyring
    jobs: "gateway_pb2_grpc.JobsServiceAsyncStub"
    library: "gateway_pb2_grpc.LibraryServiceAsyncStub"
    admin: "gateway_pb2_grpc.AdminServiceAsyncStub"
    http: str
    """`127.0.0.1:port`."""

    def as_user(self, user_id: str, *roles: str) -> Metadata:
        """How a user identifies themselves."""
        return (("authorization", f"Bearer {self.keyring.token(user_id, *roles)}"),)

    async def fold(self, *facts: Fact) -> None:
        """Apply facts at once, past the bus."""
        for subject, payload in facts:
            await self.gateway.consumer.apply(subject, payload)

    async def tell(self, *facts: Fact) -> None:
        """Publish facts, as their services would."""
        for subject, payload in facts:
            await self.streams.publish(subject, payload)

    async def rows(self, statement: str, **values: object) -> Sequence[Row[Any]]:
        """Look behind the scenes."""
        async with self.database.transaction() as connection:
            done = await connection.execute(text(statement), values)
            return done.all() if done.returns_rows else []


def environment(postgres: PostgresFacts, bus: NatsFacts, jwks_url: str, **more: str) -> Mapping[str, str]:
    """What gateway is told."""
    told = {
        "POSTGRES_URL": postgres.url("gateway"),
        "POSTGRES_PASSWORD": postgres.password("gateway"),
        "NATS_URL": bus.url,
        "NATS_USER": "gateway",
        "NATS_PASSWORD": bus.password("gateway"),
        "JWKS_URL": jwks_url,
        "PUBLIC_URL": "http://127.0.0.1:8000",
        **{f"{peer}_ADDRESS": NOBODY for peer in ("AUTH", "INGEST", "SEPARATION", "MIR", "FUSION")},
        **more,
    }
    return {f"PUREMUSIC_{name}": value for name, value in told.items()}


@asynccontextmanager
async def running(postgres: PostgresFacts, bus: NatsFacts, keyring: Keyring, **more: str) -> AsyncIterator[Running]:
    """Run a gateway; `more` are variables without their prefix."""
    async with AsyncExitStack() as leaving:
        jwks_url = leaving.enter_context(keyring.published())
        config = load(ServeConfig, environment(postgres, bus, jwks_url, **more))
        await migrations.migrate(config.postgres, MIGRATIONS)
        database, wire = Database(config.postgres), await jetstream.connect(config.bus, "gateway")
        leaving.push_async_callback(database.close)
        leaving.push_async_callback(wire.close)
        gateway = assemble(config, database, wire)
        leaving.push_async_callback(gateway.close)
        speaker = await nats.connect(bus.url, user=OPERATOR, password=bus.password(OPERATOR))
        leaving.push_async_callback(speaker.close)
        channel = await leaving.enter_async_context(_grpc(gateway))
        http = await leaving.enter_async_context(_http(gateway))
        await leaving.enter_async_context(_beside(gateway.consumer.run))
        yield Running(
            gateway,
            database,
            wire,
            speaker.jetstream(),
            keyring,
            gateway_pb2_grpc.JobsServiceStub(channel),
            gateway_pb2_grpc.LibraryServiceStub(channel),
            gateway_pb2_grpc.AdminServiceStub(channel),
            http,
        )


@asynccontextmanager
async def _grpc(gateway: Gateway) -> AsyncIterator[grpc.aio.Channel]:
    server = grpc.aio.server(interceptors=[CallInterceptor(POLICY, gateway.verifier)])
    gateway.register(server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield channel
    await server.stop(0)


@asynccontextmanager
async def _http(gateway: Gateway) -> AsyncIterator[str]:
    app = Starlette(routes=list(gateway.routes))
    config = uvicorn.Config(app, "127.0.0.1", 0, log_config=None, lifespan="off", timeout_graceful_shutdown=2)
    server = uvicorn.Server(config)
    server.config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    (socket,) = (socket for each in server.servers for socket in each.sockets)
    async with _beside(server.main_loop):
        yield f"127.0.0.1:{socket.getsockname()[1]}"
        await server.shutdown()


@asynccontextmanager
async def _beside(work: Callable[[], Coroutine[Any, Any, None]]) -> AsyncIterator[None]:
    task = asyncio.create_task(work())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
