"""A service's user says on the bus what is that service's to say."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import nats
import pytest
from nats.aio.client import Client
from nats.errors import TimeoutError as NoAnswer
from nats.js.api import RetentionPolicy, StreamConfig

from deploy.local.facts import NatsFacts
from deploy.local.nats import OPERATOR

Join = Callable[[str], Awaitable["Member"]]


class Member:
    """A connection and what the server objected to."""

    def __init__(self, client: Client, objections: "asyncio.Queue[str]") -> None:
        self.client = client
        self.objections = objections

    async def objection(self) -> str:
        return await asyncio.wait_for(self.objections.get(), 5)

    async def publishes(self, subject: str) -> None:
        """Publish, and return when the server has seen it."""
        await self.client.publish(subject, b"")
        await self.client.flush()


@pytest.fixture
async def join(bus: NatsFacts) -> AsyncIterator[Join]:
    """Connects as a user of the bus."""
    async with AsyncExitStack() as leaving:

        async def connect(user: str) -> Member:
            objections: asyncio.Queue[str] = asyncio.Queue()

            async def note(error: Exception) -> None:
                objections.put_nowait(str(error))

            client = await nats.connect(bus.url, user=user, password=bus.password(user), error_cb=note)
            leaving.push_async_callback(client.close)
            return Member(client, objections)

        yield connect


async def test_a_fact_reaches_every_service(join: Join) -> None:
    ingest, gateway = await join("ingest"), await join("gateway")
    heard = await gateway.client.subscribe("events.>")
    await gateway.client.flush()
    await ingest.publishes("events.track.uploaded.owner.id")
    assert (await heard.next_msg(timeout=5)).subject == "events.track.uploaded.owner.id"


@pytest.mark.parametrize(
    ("user", "subject"),
    [
        ("mir", "events.track.uploaded.owner.id"),
        ("ingest", "events.user.deleted.owner.id"),
        ("gateway", "events.fusion.completed.owner.id"),
        ("mir", "jobs.separation.gpu"),
        ("mir", "view.owner"),
        ("mir", "$SYS.REQ.SERVER.PING"),
        ("mir", "$JS.API.STREAM.DELETE.EVENTS"),
        ("mir", "$JS.API.STREAM.PURGE.EVENTS"),
    ],
)
async def test_nobody_speaks_for_another(join: Join, user: str, subject: str) -> None:
    member = await join(user)
    await member.publishes(subject)
    assert "permissions violation for publish" in (await member.objection()).lower()


@pytest.mark.parametrize(("user", "subject"), [("mir", "jobs.separation.>"), ("auth", "jobs.>"), ("auth", ">")])
async def test_nobody_hears_anothers_doorbell(join: Join, user: str, subject: str) -> None:
    member = await join(user)
    await member.client.subscribe(subject)
    await member.client.flush()
    assert "permissions violation for subscription" in (await member.objection()).lower()


async def test_a_service_rings_and_hears_its_own_doorbell(join: Join) -> None:
    mir = await join("mir")
    stream = mir.client.jetstream(timeout=1)
    await stream.add_stream(StreamConfig(name="JOBS", subjects=["jobs.>"], retention=RetentionPolicy.WORK_QUEUE))
    bell = await stream.pull_subscribe("jobs.mir.cpu", durable="mir-cpu")
    await stream.publish("jobs.mir.cpu", b"job")
    [ring] = await bell.fetch(1, timeout=5)
    await ring.ack_sync()
    assert ring.data == b"job"
    with pytest.raises(NoAnswer):
        await stream.delete_stream("JOBS")
    assert "permissions violation" in (await mir.objection()).lower()


@pytest.mark.parametrize("login", [{}, {"user": "mir", "pass": "guessed"}, {"user": OPERATOR, "pass": ""}])
async def test_the_bus_knows_nobody_without_a_password(bus: NatsFacts, login: dict[str, str]) -> None:
    # By hand: nats-py leaves its transport open when a connection is refused.
    reader, writer = await asyncio.open_connection(bus.host, bus.port)
    await reader.readline()
    writer.write(f"CONNECT {json.dumps(login)}\r\nPING\r\n".encode())
    answer = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    await writer.wait_closed()
    assert b"Authorization Violation" in answer
    assert b"PONG" not in answer
