"""Who the client is: nobody, a user with a session, or a program with an API key. Access tokens stay in memory."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from google.protobuf.message import Message
from puremusic.auth.v1 import auth_pb2

from cli.client import methods
from cli.client.contract import Method
from cli.client.errors import NotSignedIn
from cli.client.session_store import KeptSession, SessionStore

__all__ = ["ApiKeyCredentials", "Call", "Credentials", "SessionCredentials"]

Req = TypeVar("Req", bound=Message)
Res = TypeVar("Res", bound=Message)


class Call(Protocol):
    """Calls a method that needs no access token."""

    def __call__(self, called: Method[Req, Res], request: Req, /) -> Awaitable[Res]:
        """Return its answer."""


class Credentials(Protocol):
    """Gives access tokens."""

    async def token(self, call: Call) -> str:
        """Return an access token; raises `NotSignedIn` where there is none to be had."""

    async def renew(self, stale: str, call: Call) -> str:
        """Return another one than `stale`."""


class _Cached:
    """One access token at a time, fetched by one of all that want it."""

    def __init__(self) -> None:
        self._token = ""
        self._fetching = asyncio.Lock()

    async def other_than(self, stale: str, fetch: Callable[[], Awaitable[str]]) -> str:
        async with self._fetching:
            if self._token in ("", stale):
                self._token = await fetch()
            return self._token

    def put(self, token: str) -> None:
        self._token = token


class ApiKeyCredentials:
    """A program's: the key is exchanged for tokens of a few minutes."""

    def __init__(self, secret: str) -> None:
        self._secret = secret
        self._cached = _Cached()

    async def token(self, call: Call) -> str:
        """Return an access token with the key's scopes."""
        return await self.renew("", call)

    async def renew(self, stale: str, call: Call) -> str:
        """Exchange the key again."""
        return await self._cached.other_than(stale, lambda: self._exchange(call))

    async def _exchange(self, call: Call) -> str:
        request = auth_pb2.ExchangeApiKeyRequest(secret=self._secret)
        return (await call(methods.EXCHANGE_API_KEY, request)).access_token


class SessionCredentials:
    """A person's: the kept refresh token is exchanged for an access token and the next refresh token."""

    def __init__(self, url: str, store: SessionStore) -> None:
        self._url = url
        self._store = store
        self._cached = _Cached()

    async def token(self, call: Call) -> str:
        """Return an access token."""
        return await self.renew("", call)

    async def renew(self, stale: str, call: Call) -> str:
        """Go on with the kept session."""
        return await self._cached.other_than(stale, lambda: self._refresh(call))

    def adopt(self, session: auth_pb2.Session) -> None:
        """Be this user from now on."""
        self._store.save(KeptSession(self._url, session.user.email, session.refresh_token))
        self._cached.put(session.access_token)

    def kept(self) -> KeptSession | None:
        """Return the session at this API, if there is one."""
        session = self._store.load()
        return session if session and session.url == self._url else None

    def forget(self) -> None:
        """Be nobody from now on."""
        self._store.forget()
        self._cached.put("")

    async def _refresh(self, call: Call) -> str:
        async with self._store.exclusive():
            kept = self.kept()
            if kept is None:
                raise NotSignedIn("NOT_SIGNED_IN", f"Nobody is signed in at {self._url}: puremusic login.")
            try:
                session = await call(methods.REFRESH, auth_pb2.RefreshRequest(refresh_token=kept.refresh_token))
            except NotSignedIn as ended:
                self._store.forget()
                raise NotSignedIn(
                    ended.reason, f"{ended.message} Sign in again: puremusic login.", code=ended.code
                ) from ended
            self._store.save(KeptSession(self._url, kept.email, session.refresh_token))
            return session.access_token
