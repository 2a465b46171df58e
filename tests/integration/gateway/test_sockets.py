"""`/ws/jobs/{id}` with a real client."""

import asyncio
import contextlib
import json
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin, Subprotocol

from tests.integration.gateway.facts import Author, new_id
from tests.integration.gateway.running import Running
from tests.integration.ingest.keyring import Keyring

pytestmark = pytest.mark.asyncio(loop_scope="module")

PROTOCOL = "puremusic.v1"


def open_socket(gateway: Running, job_id: str, *offers: str, origin: str | None = None) -> connect:
    """Ask for a socket with these subprotocols."""
    return connect(
        f"ws://{gateway.http}/ws/jobs/{job_id}",
        subprotocols=[Subprotocol(offer) for offer in offers] or None,
        origin=Origin(origin) if origin else None,
        proxy=None,
    )


def watching(gateway: Running, owner_id: str, job_id: str, origin: str | None = None) -> connect:
    """Ask for a socket as our own client does."""
    return open_socket(gateway, job_id, PROTOCOL, f"bearer.{gateway.keyring.token(owner_id)}", origin=origin)


async def said(socket: ClientConnection) -> dict[str, Any]:
    """The next message."""
    message: dict[str, Any] = json.loads(await asyncio.wait_for(socket.recv(), 10))
    return message


async def farewell(socket: ClientConnection) -> tuple[int, str]:
    """How the socket closes."""
    async with asyncio.timeout(10):
        with contextlib.suppress(ConnectionClosed):
            while True:
                await socket.recv()
    return socket.close_code or 0, socket.close_reason or ""


async def test_a_job_is_shown_until_it_has_ended(gateway: Running, ada: Author) -> None:
    fusion = new_id()
    await gateway.fold(ada.fusion(fusion, "pending", title="Mix"))
    async with watching(gateway, ada.owner_id, fusion) as socket:
        assert socket.subprotocol == PROTOCOL
        first = await said(socket)
        assert (first["jobId"], first["status"], first["title"]) == (fusion, "pending", "Mix")
        await gateway.tell(ada.fusion(new_id(), "pending"), ada.fusion(fusion, "fusing", title="Mix", attempts=1))
        assert (await said(socket))["status"] == "fusing"
        await gateway.tell(ada.fusion(fusion, "completed", title="Mix", attempts=1))
        assert (await said(socket))["state"] == "JOB_STATE_COMPLETED"
        assert await farewell(socket) == (1000, "JOB_ENDED")


async def test_a_job_that_has_ended_is_shown_once(gateway: Running, ada: Author) -> None:
    fusion = new_id()
    await gateway.fold(ada.fusion(fusion, "failed"))
    async with watching(gateway, ada.owner_id, fusion) as socket:
        assert (await said(socket))["status"] == "failed"
        assert await farewell(socket) == (1000, "JOB_ENDED")


async def test_a_quiet_job_is_sent_again(gateway: Running, ada: Author) -> None:
    fusion, watches = new_id(), gateway.gateway.watches
    await gateway.fold(ada.fusion(fusion, "pending"))
    usual, watches.heartbeat_seconds = watches.heartbeat_seconds, 0.0
    try:
        async with watching(gateway, ada.owner_id, fusion) as socket:
            assert await said(socket) == await said(socket)
    finally:
        watches.heartbeat_seconds = usual


async def test_a_job_that_is_deleted(gateway: Running, ada: Author) -> None:
    fusion = new_id()
    await gateway.fold(ada.fusion(fusion, "pending"))
    async with watching(gateway, ada.owner_id, fusion) as socket:
        await said(socket)
        await gateway.tell(ada.fusion(fusion, "pending", deleted=True))
        assert await farewell(socket) == (4404, "JOB_NOT_FOUND")


async def test_another_s_job_and_no_job_are_the_same(gateway: Running, ada: Author) -> None:
    fusion = new_id()
    await gateway.fold(ada.fusion(fusion, "pending"))
    for owner, job in (("bob", fusion), (ada.owner_id, new_id())):
        async with watching(gateway, owner, job) as socket:
            assert await farewell(socket) == (4404, "JOB_NOT_FOUND")


async def test_tokens(gateway: Running, ada: Author) -> None:
    stranger = Keyring().token(ada.owner_id)
    narrow = gateway.keyring.token(ada.owner_id, scope="write")
    for offers, expected in (
        ([], (4401, "TOKEN_MISSING")),
        (["bearer.nonsense"], (4401, "TOKEN_INVALID")),
        ([f"bearer.{stranger}"], (4401, "TOKEN_INVALID")),
        ([f"bearer.{narrow}"], (4403, "SCOPE_MISSING")),
    ):
        async with open_socket(gateway, "any", PROTOCOL, *offers) as socket:
            assert await farewell(socket) == expected


async def test_a_socket_does_not_outlive_its_token(gateway: Running, ada: Author) -> None:
    fusion = new_id()
    await gateway.fold(ada.fusion(fusion, "pending"))
    # Past its end, and yet accepted: clocks may differ by five seconds.
    token = gateway.keyring.token(ada.owner_id, seconds=-1)
    async with open_socket(gateway, fusion, PROTOCOL, f"bearer.{token}") as socket:
        assert await farewell(socket) == (4401, "TOKEN_EXPIRED")


@pytest.mark.parametrize("origin", ["http://127.0.0.1:8000", "http://localhost:8000", None])
async def test_our_pages_and_programs_may_watch(gateway: Running, ada: Author, origin: str | None) -> None:
    fusion = new_id()
    await gateway.fold(ada.fusion(fusion, "completed"))
    async with watching(gateway, ada.owner_id, fusion, origin) as socket:
        assert (await said(socket))["jobId"] == fusion


async def test_foreign_pages_and_other_protocols_get_no_socket(gateway: Running, ada: Author) -> None:
    for asked, http_status, reason in (
        (watching(gateway, ada.owner_id, "any", "https://evil.example"), 403, "ORIGIN_NOT_ALLOWED"),
        (open_socket(gateway, "any", "graphql-ws"), 400, "SUBPROTOCOL_MISSING"),
        (open_socket(gateway, "any"), 400, "SUBPROTOCOL_MISSING"),
    ):
        with pytest.raises(InvalidStatus) as refused:
            await asked
        response = refused.value.response
        assert response.status_code == http_status
        assert json.loads(response.body or b"{}")["details"][0]["reason"] == reason


async def test_what_the_client_says_is_not_listened_to(gateway: Running, ada: Author) -> None:
    fusion = new_id()
    await gateway.fold(ada.fusion(fusion, "pending"))
    async with watching(gateway, ada.owner_id, fusion) as socket:
        await said(socket)
        await socket.send("hello")
        await gateway.tell(ada.fusion(fusion, "completed"))
        assert (await said(socket))["status"] == "completed"


async def test_when_the_server_leaves_the_client_may_come_again(gateway: Running, ada: Author) -> None:
    fusion = new_id()
    await gateway.fold(ada.fusion(fusion, "pending"))
    async with watching(gateway, ada.owner_id, fusion) as socket:
        await said(socket)
        await gateway.gateway.watches.end()
        try:
            assert await farewell(socket) == (1012, "GOING_AWAY")
        finally:
            gateway.gateway.watches.leaving = False


async def test_a_database_that_is_away_is_told(gateway: Running, ada: Author) -> None:
    await gateway.rows("ALTER TABLE job RENAME TO job_elsewhere")
    try:
        async with watching(gateway, ada.owner_id, "any") as socket:
            assert await farewell(socket) == (4503, "UNAVAILABLE")
    finally:
        await gateway.rows("ALTER TABLE job_elsewhere RENAME TO job")
