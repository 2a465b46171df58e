"""The process as it is deployed: `python -m services.auth migrate`, `serve` twice, `grant`."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import grpc
import httpx
import nats
import pytest
from cryptography.fernet import Fernet
from grpc_health.v1 import health_pb2, health_pb2_grpc
from puremusic.auth.v1 import auth_pb2, auth_pb2_grpc, events_pb2

from chassis.identity import TokenConfig, Verifier
from deploy.local.facts import NatsFacts, PostgresFacts
from deploy.local.nats import OPERATOR
from tests.integration.auth.replica import PASSWORD, Environment, bearer, new_email, reason

SECONDS = 30


def free_address() -> str:
    """Return an address that nobody listens on yet."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


async def start(environment: Environment, *arguments: str) -> Process:
    """Start auth as a program."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "services.auth",
        *arguments,
        env={"PATH": os.environ["PATH"], **environment},
        stdout=PIPE,
        stderr=STDOUT,
    )


async def done(environment: Environment, *arguments: str) -> tuple[int | None, str]:
    """Run auth to its end; return the exit status and what it said."""
    process = await start(environment, *arguments)
    said, _ = await asyncio.wait_for(process.communicate(), SECONDS)
    return process.returncode, said.decode()


@dataclass
class Server:
    """A process that serves."""

    environment: Environment
    grpc_address: str = field(default_factory=free_address)
    http_address: str = field(default_factory=free_address)
    said: str = ""
    status: int | None = None

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator["Server"]:
        """Run it until the end of the block, then stop it by SIGTERM."""
        listen = {"PUREMUSIC_LISTEN": self.grpc_address, "PUREMUSIC_HTTP_LISTEN": self.http_address}
        process = await start({**self.environment, **listen, "PUREMUSIC_GRACE_SECONDS": "0"}, "serve")
        try:
            await self._ready(process)
            yield self
        finally:
            if process.returncode is None:
                process.send_signal(signal.SIGTERM)
            said, _ = await asyncio.wait_for(process.communicate(), SECONDS)
            self.said, self.status = self.said + said.decode(), process.returncode

    async def _ready(self, process: Process) -> None:
        """Read its log until it says that it is ready."""
        assert process.stdout
        async with asyncio.timeout(SECONDS):
            while '"message": "ready"' not in self.said:
                line = await process.stdout.readline()
                assert line, f"it ended by itself: {self.said}"
                self.said += line.decode()

    @contextlib.asynccontextmanager
    async def stub(self) -> AsyncIterator["auth_pb2_grpc.AuthServiceAsyncStub"]:
        """Return a client."""
        async with grpc.aio.insecure_channel(self.grpc_address) as channel:
            yield auth_pb2_grpc.AuthServiceStub(channel)

    async def get(self, path: str) -> httpx.Response:
        """Ask the HTTP listener."""
        async with httpx.AsyncClient() as client:
            return await client.get(f"http://{self.http_address}{path}")


@pytest.fixture(scope="module")
def empty(fresh_database: Callable[[], PostgresFacts], bus: NatsFacts) -> Environment:
    """What the process is told, with a database that no migration has seen."""
    database = fresh_database()
    return {
        "PUREMUSIC_POSTGRES_URL": database.url("auth"),
        "PUREMUSIC_POSTGRES_PASSWORD": database.password("auth"),
        "PUREMUSIC_NATS_URL": bus.url,
        "PUREMUSIC_NATS_USER": "auth",
        "PUREMUSIC_NATS_PASSWORD": bus.password("auth"),
        "PUREMUSIC_SEALING_KEY": Fernet.generate_key().decode(),
        "PUREMUSIC_LOG_LEVEL": "DEBUG",
    }


async def test_serving_a_pending_schema_is_refused(empty: Environment) -> None:
    status, said = await done(empty, "serve")
    assert status == 1
    assert "run `migrate` first" in said


async def test_anything_else_is_explained(empty: Environment) -> None:
    status, said = await done(empty, "grant", "ada@example.org", "emperor")
    assert status == 1
    assert "serve | migrate | grant" in said


def register(email: str) -> auth_pb2.RegisterRequest:
    return auth_pb2.RegisterRequest(email=email, password=PASSWORD, accepted_terms_version="1")


async def test_two_replicas_from_an_empty_schema(empty: Environment, bus: NatsFacts) -> None:
    migrated = await asyncio.gather(*(done(empty, "migrate") for _ in range(2)))
    assert [status for status, _ in migrated] == [0, 0], migrated
    one, other = Server(empty), Server(empty)
    listener = await nats.connect(bus.url, user=OPERATOR, password=bus.password(OPERATOR))
    facts = await listener.subscribe("events.user.>")
    await listener.flush()
    async with one.running(), other.running(), one.stub() as first, other.stub() as second:
        keys = await one.get("/.well-known/jwks.json")
        assert keys.json() == (await other.get("/.well-known/jwks.json")).json()
        assert len(keys.json()["keys"]) == 1
        assert keys.headers["cache-control"] == "public, max-age=60"
        assert (await one.get("/ready")).status_code == 200

        email = new_email()
        session = await first.Register(register(email))
        fact = await facts.next_msg(timeout=SECONDS)
        user_id = session.user.user_id
        assert fact.subject == f"events.user.registered.{user_id}.{user_id}"
        assert not events_pb2.UserChanged.FromString(fact.data).deleted
        assert (await second.GetMe(auth_pb2.GetMeRequest(), metadata=bearer(session.access_token))).email == email

        url = f"http://{one.http_address}/.well-known/jwks.json"
        caller = await Verifier(TokenConfig(url, "puremusic", "puremusic")).verify(session.access_token)
        assert caller.user_id == user_id

        assert (await done(empty, "grant", email.upper(), "admin")) == (0, "")
        status, said = await done(empty, "grant", "nobody@example.org", "admin")
        assert (status, said.strip()) == (1, "There is no account with the e-mail address nobody@example.org.")
        operator = await second.Refresh(auth_pb2.RefreshRequest(refresh_token=session.refresh_token))
        rotated = await second.RotateKeys(auth_pb2.RotateKeysRequest(), metadata=bearer(operator.access_token))
        assert rotated.key_id in {key["kid"] for key in (await one.get("/.well-known/jwks.json")).json()["keys"]}

        delete = auth_pb2.DeleteMeRequest(password=PASSWORD)
        await first.DeleteMe(delete, metadata=bearer(operator.access_token))
        fact = await facts.next_msg(timeout=SECONDS)
        assert fact.subject == f"events.user.deleted.{user_id}.{user_id}"
        assert await reason(first.Login(auth_pb2.LoginRequest(email=email, password=PASSWORD))) == "WRONG_CREDENTIALS"
    await listener.close()

    assert (one.status, other.status) == (0, 0)
    log = one.said + other.said
    assert all(isinstance(json.loads(line), dict) for line in log.splitlines())
    secrets = [PASSWORD, email, session.access_token, session.refresh_token, operator.refresh_token]
    secrets += [empty["PUREMUSIC_SEALING_KEY"], empty["PUREMUSIC_POSTGRES_PASSWORD"], empty["PUREMUSIC_NATS_PASSWORD"]]
    assert not [secret for secret in secrets if secret in log]


async def test_it_is_healthy_by_the_standard_protocol_and_says_what_it_counts(empty: Environment) -> None:
    async with Server(empty).running() as server, grpc.aio.insecure_channel(server.grpc_address) as channel:
        stub: Any = health_pb2_grpc.HealthStub(channel)
        answer = await stub.Check(health_pb2.HealthCheckRequest())
        assert answer.status == health_pb2.HealthCheckResponse.SERVING
        async with server.stub() as auth:
            await reason(auth.GetMe(auth_pb2.GetMeRequest()))
        metrics = (await server.get("/metrics")).text
        assert 'grpc_method="GetMe",grpc_service="puremusic.auth.v1.AuthService"' in metrics


async def test_a_missing_secret_is_named(empty: Environment) -> None:
    rest = {name: value for name, value in empty.items() if name != "PUREMUSIC_SEALING_KEY"}
    status, said = await done(rest, "serve")
    assert status == 1
    assert "PUREMUSIC_SEALING_KEY is not set" in said
