"""`/api/v1/session`: signing in from a browser. Pages get an access token; the refresh token stays in a cookie.

    POST   /api/v1/session            {email, password}                                       sign in
    POST   /api/v1/session/register   {email, password, displayName, acceptedTermsVersion}    create an account, sign in
    POST   /api/v1/session/refresh                                                            a new access token
    DELETE /api/v1/session            ?everywhere=true                                        sign out

Everybody else uses `/api/v1/auth`, where the tokens are in the answers.
"""

from dataclasses import dataclass
from http import HTTPStatus
from typing import TypeVar

import grpc
from google.protobuf import json_format
from google.protobuf.message import Message
from puremusic.auth.v1 import auth_pb2
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from chassis import status
from chassis.errors import Exhausted, InvalidInput, Unauthenticated
from services.gateway.auth_client import AuthClient
from services.gateway.http import errors
from services.gateway.http.cookies import SESSION_PATH, SessionCookie
from services.gateway.http.errors import Refused
from services.gateway.http.origins import Origins

MAX_BODY_BYTES = 16 * 1024

M = TypeVar("M", bound=Message)


@dataclass(frozen=True)
class BrowserSession:
    """The endpoints."""

    auth: AuthClient
    origins: Origins
    cookie: SessionCookie

    def routes(self) -> list[Route]:
        """Return where they are."""
        return [
            Route(SESSION_PATH, self.login, methods=["POST"]),
            Route(SESSION_PATH, self.logout, methods=["DELETE"]),
            Route(f"{SESSION_PATH}/register", self.register, methods=["POST"]),
            Route(f"{SESSION_PATH}/refresh", self.refresh, methods=["POST"]),
        ]

    async def login(self, request: Request) -> Response:
        """Sign in."""
        self.origins.check_session(request.headers)
        return self._signed_in(await self.auth.login(await _read(request, auth_pb2.LoginRequest())))

    async def register(self, request: Request) -> Response:
        """Create an account and sign in."""
        self.origins.check_session(request.headers)
        return self._signed_in(await self.auth.register(await _read(request, auth_pb2.RegisterRequest())))

    async def refresh(self, request: Request) -> Response:
        """Exchange the cookie for a new one and a new access token. A cookie that is refused is dropped."""
        self.origins.check_session(request.headers)
        _require_json(request)
        try:
            return self._signed_in(await self.auth.refresh(self._token(request)))
        except grpc.aio.AioRpcError as failure:
            error = status.from_call(failure)
        except Unauthenticated as missing:
            error = missing
        response = errors.answer(error)
        # Not when auth is merely away: the session is still good then.
        if isinstance(error, Unauthenticated | InvalidInput):
            self.cookie.drop(response)
        return response

    async def logout(self, request: Request) -> Response:
        """Sign out, here or everywhere. Whoever is not signed in is signed out already."""
        self.origins.check_session(request.headers)
        everywhere = _everywhere(request)
        if token := self.cookie.read(request):
            await self.auth.logout(token, everywhere=everywhere)
        response = Response(status_code=HTTPStatus.NO_CONTENT, headers={"Cache-Control": "no-store"})
        self.cookie.drop(response)
        return response

    def _token(self, request: Request) -> str:
        token = self.cookie.read(request)
        if not token:
            raise Unauthenticated("SESSION_MISSING", "You are not signed in.")
        return token

    def _signed_in(self, session: auth_pb2.Session) -> Response:
        shown = {
            "accessToken": session.access_token,
            "expiresIn": session.expires_in,
            "user": json_format.MessageToDict(session.user),
        }
        response = JSONResponse(shown, headers={"Cache-Control": "no-store"})
        self.cookie.keep(response, session.refresh_token, session.refresh_expires_in)
        return response


def _everywhere(request: Request) -> bool:
    asked = dict(request.query_params)
    everywhere = asked.pop("everywhere", "false")
    if asked or everywhere not in ("true", "false"):
        raise InvalidInput("INVALID_REQUEST", "The only query parameter is 'everywhere', true or false.")
    return everywhere == "true"


async def _read(request: Request, message: M) -> M:
    """Fill a message from a JSON body. What was sent is never repeated in an error: it may be a password."""
    _require_json(request)
    body = await _body(request)
    try:
        if not body.lstrip().startswith(b"{"):  # the parser takes an empty list for an object without fields
            raise ValueError
        return json_format.Parse(body, message)
    except (json_format.ParseError, ValueError, RecursionError):
        fields = ", ".join(field.json_name for field in type(message).DESCRIPTOR.fields)
        raise InvalidInput("INVALID_REQUEST", f"Send a JSON object with these fields: {fields}.") from None


def _require_json(request: Request) -> None:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        refusal = InvalidInput("UNSUPPORTED_MEDIA_TYPE", "Send 'content-type: application/json'.")
        raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, refusal)


async def _body(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            refusal = Exhausted(
                "BODY_TOO_LARGE", f"This request has at most {MAX_BODY_BYTES} bytes.", limit_bytes=MAX_BODY_BYTES
            )
            raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, refusal)
    return body
