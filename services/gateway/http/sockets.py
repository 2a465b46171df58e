"""`/ws/jobs/{id}`: one job over a WebSocket, as JSON, now and at every change.

The token comes as a subprotocol, `Sec-WebSocket-Protocol: puremusic.v1, bearer.<access token>`: a browser can set no other
header, and a URL would be in every log. The server takes `puremusic.v1`. Every 15 seconds without a change the job is sent
again. The socket closes with 1000 when the job has ended, and else with one of `Farewell`'s codes and a reason for programs.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass

from google.protobuf import json_format
from nats.errors import Error as NatsError
from puremusic.gateway.v1 import gateway_pb2
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import Response
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from chassis.errors import DomainError, Forbidden, InvalidInput, NotFound, Unauthenticated, Unavailable
from chassis.identity import READ, Caller, Verifier
from services.gateway import folding
from services.gateway.http import errors
from services.gateway.http.origins import Origins
from services.gateway.watching import Update, Watches

log = logging.getLogger(__name__)

PROTOCOL = "puremusic.v1"
BEARER = "bearer."

ENDED, GOING_AWAY = 1000, 1012

# 4000 and the HTTP status that would say the same.
CLOSE_CODES: Mapping[type[DomainError], int] = {
    InvalidInput: 4400,
    Unauthenticated: 4401,
    Forbidden: 4403,
    NotFound: 4404,
    Unavailable: 4503,
}


@dataclass(frozen=True)
class Farewell:
    """How a socket closes."""

    code: int
    reason: str

    @classmethod
    def of(cls, error: DomainError) -> "Farewell":
        """Say what an error means here."""
        return cls(CLOSE_CODES.get(type(error), 4500), error.reason)


@dataclass(frozen=True)
class JobSockets:
    """The endpoint."""

    watches: Watches
    verifier: Verifier
    origins: Origins

    def routes(self) -> list[WebSocketRoute]:
        """Return where it is."""
        return [WebSocketRoute("/ws/jobs/{job_id}", self.watch)]

    async def watch(self, websocket: WebSocket) -> None:
        """Serve one socket until it closes."""
        refusal = self._refusal(websocket)
        if refusal:
            await websocket.send_denial_response(refusal)
            return
        # Accepted before the token is looked at: only then can a browser see why it is closed again.
        await websocket.accept(PROTOCOL)
        try:
            caller = await self._caller(websocket)
            farewell = await self._talk(websocket, caller, websocket.path_params["job_id"])
        except DomainError as error:
            farewell = Farewell.of(error)
        except (SQLAlchemyError, NatsError, TimeoutError) as error:
            log.warning("socket refused", extra={"facts": {"error": repr(error)}})
            farewell = Farewell(CLOSE_CODES[Unavailable], "UNAVAILABLE")
        except WebSocketDisconnect:
            return
        with contextlib.suppress(WebSocketDisconnect):  # the client was quicker
            await websocket.close(farewell.code, farewell.reason)

    def _refusal(self, websocket: WebSocket) -> Response | None:
        """Return the answer to a handshake that no socket comes of."""
        if PROTOCOL not in websocket.scope["subprotocols"]:
            return errors.answer(InvalidInput("SUBPROTOCOL_MISSING", f"Offer the subprotocol '{PROTOCOL}'."))
        try:
            # Programs send no origin, and need none: the token is no cookie, which a browser would add by itself.
            if "origin" in websocket.headers:
                self.origins.check(websocket.headers)
        except Forbidden as error:
            return errors.answer(error)
        return None

    async def _caller(self, websocket: WebSocket) -> Caller:
        tokens = [offer.removeprefix(BEARER) for offer in websocket.scope["subprotocols"] if offer.startswith(BEARER)]
        if len(tokens) != 1:
            raise Unauthenticated("TOKEN_MISSING", f"Offer the subprotocol '{BEARER}<access token>'.")
        caller = await self.verifier.verify(tokens[0])
        READ.check(caller)
        return caller

    async def _talk(self, websocket: WebSocket, caller: Caller, job_id: str) -> Farewell:
        """Send the job until it has ended, the client leaves or the token runs out, whichever is first."""
        sending = asyncio.create_task(self._send(websocket, caller.user_id, job_id))
        leaving = asyncio.create_task(_left(websocket))
        try:
            remaining = max(caller.expires_at - time.time(), 0.0)
            await asyncio.wait({sending, leaving}, timeout=remaining, return_when=asyncio.FIRST_COMPLETED)
            if leaving.done():
                leaving.result()
            if sending.done():
                return sending.result()
            return Farewell(CLOSE_CODES[Unauthenticated], "TOKEN_EXPIRED")
        finally:
            for task in (sending, leaving):
                task.cancel()
            await asyncio.gather(sending, leaving, return_exceptions=True)

    async def _send(self, websocket: WebSocket, owner_id: str, job_id: str) -> Farewell:
        present: gateway_pb2.Job | None = None
        async for update in self.watches.of_job(owner_id, job_id).updates([job_id]):
            if update.HasField("failure"):
                return Farewell(GOING_AWAY, update.failure.reason)
            present = _shown(update, present)
            if present is None:
                return Farewell(CLOSE_CODES[NotFound], "JOB_NOT_FOUND")
            await websocket.send_text(json_format.MessageToJson(present, indent=None))
            if present.state in folding.ENDED:
                return Farewell(ENDED, "JOB_ENDED")
        raise AssertionError("a watch ends with a failure")


def _shown(update: Update, before: gateway_pb2.Job | None) -> gateway_pb2.Job | None:
    """Return the job as an update leaves it; None: there is none, or none any more."""
    match update.WhichOneof("message"):
        case "snapshot":
            return update.snapshot.jobs[0] if update.snapshot.jobs else None
        case "job":
            return update.job
        case "deleted_job_id":
            return None
        case _:
            return before


async def _left(websocket: WebSocket) -> None:
    """Return never: raise `WebSocketDisconnect` when the client leaves. What it says meanwhile is not listened to."""
    while True:
        message = await websocket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1005))
