"""The API: typed calls and streams, with tokens and retries taken care of."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from types import TracebackType
from typing import Self, TypeVar

import httpx
from google.protobuf.json_format import Parse
from google.protobuf.message import Message

from cli.client.contract import Method, RestCall, rest_call
from cli.client.credentials import Credentials
from cli.client.errors import ApiError, NotSignedIn, from_response, not_delivered
from cli.client.events import events
from cli.client.retrying import seconds_until_retry

__all__ = ["Api", "Pause"]

Req = TypeVar("Req", bound=Message)
Res = TypeVar("Res", bound=Message)
Item = TypeVar("Item")

Pause = Callable[[float], Awaitable[None]]

# A file may be made at first asking; Envoy gives up before this.
_TIMEOUT = httpx.Timeout(130.0, connect=5.0)
# The API says something every 15 seconds: a stream that is silent for longer is a dead one.
_STREAM_TIMEOUT = httpx.Timeout(10.0, connect=5.0, read=40.0)
_OBJECT_TIMEOUT = httpx.Timeout(60.0, connect=5.0)
_TOKEN_EXPIRED = "TOKEN_EXPIRED"  # noqa: S105 - a reason


class Api:
    """PureMusic at one address, for one user.

    async with Api("http://127.0.0.1:8080", credentials) as api:
        usage = await api.call(methods.GET_USAGE, gateway_pb2.GetUsageRequest())
    """

    def __init__(
        self,
        url: str,
        credentials: Credentials,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        pause: Pause = asyncio.sleep,
    ) -> None:
        self.url = url.rstrip("/")
        self.pause = pause
        self.objects = httpx.AsyncClient(timeout=_OBJECT_TIMEOUT, transport=transport)
        """For presigned addresses, which must not see our tokens."""
        self._http = httpx.AsyncClient(base_url=self.url, timeout=_TIMEOUT, transport=transport)
        self._credentials = credentials

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.objects.aclose()
        await self._http.aclose()

    async def call(self, called: Method[Req, Res], request: Req) -> Res:
        """Call a method and return its answer, or raise `ApiError`."""
        rest = rest_call(called, request)
        if called.public:
            response = await self._patiently(called, rest, "")
        else:
            response = await self._signed_in(lambda token: self._patiently(called, rest, token))
        return Parse(response.content, called.response(), ignore_unknown_fields=True)

    async def stream(self, called: Method[Req, Res], request: Req) -> AsyncGenerator[Res, None]:
        """Yield what a method streams until the server ends it; raises `ApiError` when it breaks."""
        rest = rest_call(called, request)
        response = await self._signed_in(lambda token: self._open(rest, token))
        try:
            async with aclosing(events(response.aiter_lines())) as arriving:
                async for data in arriving:
                    yield Parse(data, called.response(), ignore_unknown_fields=True)
        except httpx.TransportError as error:
            raise not_delivered(error, self.url) from error
        finally:
            await response.aclose()

    async def items(
        self, called: Method[Req, Res], request: Req, pick: Callable[[Res], Sequence[Item]], limit: int = 0
    ) -> list[Item]:
        """Return what all pages of a list hold, or its first `limit` items."""
        found: list[Item] = []
        while True:
            page = await self.call(called, request)
            found.extend(pick(page))
            token: str = page.next_page_token  # type: ignore[attr-defined]  # every list of the contract has one
            if not token or 0 < limit <= len(found):
                return found[:limit] if limit else found
            request.page_token = token  # type: ignore[attr-defined]

    async def _signed_in(self, send: Callable[[str], Awaitable[httpx.Response]]) -> httpx.Response:
        token = await self._credentials.token(self.call)
        try:
            return await send(token)
        except NotSignedIn as error:
            if error.reason != _TOKEN_EXPIRED:
                raise
        return await send(await self._credentials.renew(token, self.call))

    async def _patiently(self, called: Method[Req, Res], rest: RestCall, token: str) -> httpx.Response:
        tries = 0
        while True:
            tries += 1
            try:
                return await self._once(rest, token)
            except ApiError as error:
                wait = seconds_until_retry(error, tries, repeatable=called.repeatable)
                if wait is None:
                    raise
            await self.pause(wait)

    async def _once(self, rest: RestCall, token: str) -> httpx.Response:
        try:
            response = await self._http.send(self._request(rest, token))
        except httpx.TransportError as error:
            raise not_delivered(error, self.url) from error
        if response.is_error:
            raise from_response(response)
        return response

    async def _open(self, rest: RestCall, token: str) -> httpx.Response:
        request = self._request(rest, token, _STREAM_TIMEOUT)
        try:
            response = await self._http.send(request, stream=True)
            if response.is_error:
                await response.aread()
                raise from_response(response)
        except httpx.TransportError as error:
            raise not_delivered(error, self.url) from error
        return response

    def _request(self, rest: RestCall, token: str, timeout: httpx.Timeout = _TIMEOUT) -> httpx.Request:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        return self._http.build_request(
            rest.verb, rest.path, params=rest.query, json=rest.body, headers=headers, timeout=timeout
        )
