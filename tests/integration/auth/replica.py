"""A replica of auth in this process, and people who use it."""

import secrets
from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import grpc
from puremusic.auth.v1 import auth_pb2, auth_pb2_grpc
from sqlalchemy import Row, text

from chassis import status
from chassis.config import load
from chassis.errors import DomainError
from chassis.interceptor import CallInterceptor
from chassis.postgres import Database
from services.auth.assembly import Auth, assemble
from services.auth.config import Config
from services.auth.policy import POLICY

Environment = Mapping[str, str]
Metadata = tuple[tuple[str, str], ...]

PASSWORD = "correct horse battery"


@dataclass(frozen=True)
class Replica:
    """A running server and a client of it."""

    config: Config
    database: Database
    parts: Auth
    address: str
    stub: "auth_pb2_grpc.AuthServiceAsyncStub"

    async def execute(self, statement: str, **values: object) -> Sequence[Row[Any]]:
        """Do to the database what no RPC does: let time pass, look behind the scenes."""
        async with self.database.transaction() as connection:
            done = await connection.execute(text(statement), values)
            return done.all() if done.returns_rows else []

    async def register(self, email: str = "", password: str = PASSWORD) -> auth_pb2.Session:
        """Register somebody new."""
        wish = auth_pb2.RegisterRequest(
            email=email or new_email(), password=password, display_name="Ada", accepted_terms_version="1"
        )
        return await self.stub.Register(wish)

    async def login(self, email: str, password: str = PASSWORD) -> auth_pb2.Session:
        """Sign in."""
        return await self.stub.Login(auth_pb2.LoginRequest(email=email, password=password))

    async def refresh(self, session: auth_pb2.Session) -> auth_pb2.Session:
        """Exchange a session's refresh token."""
        return await self.stub.Refresh(auth_pb2.RefreshRequest(refresh_token=session.refresh_token))

    async def me(self, token: str) -> auth_pb2.User:
        """Ask who a token's owner is."""
        return await self.stub.GetMe(auth_pb2.GetMeRequest(), metadata=bearer(token))

    async def operator(self) -> Metadata:
        """Register an operator and return how they identify themselves."""
        session = await self.register()
        await self.execute("UPDATE account SET roles = '{user,admin}' WHERE user_id = :id", id=session.user.user_id)
        return bearer((await self.refresh(session)).access_token)


@asynccontextmanager
async def running(environment: Environment, **changes: str) -> AsyncIterator[Replica]:
    """Run a replica; `changes` are variables without their prefix."""
    config = load(Config, {**environment, **{f"PUREMUSIC_{name}": value for name, value in changes.items()}})
    database = Database(config.postgres)
    parts = assemble(config, database)
    server = grpc.aio.server(interceptors=[CallInterceptor(POLICY, parts.verifier)])
    parts.register(server)
    port = server.add_insecure_port("127.0.0.1:0")
    try:
        await parts.use_cases.keys.ensure()
        await server.start()
        address = f"127.0.0.1:{port}"
        async with grpc.aio.insecure_channel(address) as channel:
            yield Replica(config, database, parts, address, auth_pb2_grpc.AuthServiceStub(channel))
    finally:
        await server.stop(0)
        await parts.hasher.close()
        await database.close()


def new_email() -> str:
    """Return an address that nobody has."""
    return f"ada.{secrets.token_hex(8)}@example.org"


def bearer(token: str) -> Metadata:
    """Return how a caller identifies itself."""
    return (("authorization", f"Bearer {token}"),)


async def refusal(call: Awaitable[object]) -> DomainError:
    """Return the error that a call ends with."""
    try:
        answer = await call
    except grpc.aio.AioRpcError as error:
        return status.from_call(error)
    raise AssertionError(f"the call was not refused: {answer}")


async def reason(call: Awaitable[object]) -> str:
    """Return the reason that a call is refused with."""
    return (await refusal(call)).reason
