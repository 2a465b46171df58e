"""Who is calling: an access token is verified here, in every service, again (zero trust: Envoy's check is only the first).

Tokens are JSON Web Tokens signed with Ed25519 (RFC 8037). Algorithm, type, issuer, audience and expiry are all required; key
hints inside a token (`jku`, `x5u`, `jwk`) are never followed.
"""

import asyncio
import json
import math
import time
import urllib.request
from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import jwt

from chassis.config import setting
from chassis.errors import Forbidden, Unauthenticated, Unavailable

ALGORITHM = "EdDSA"
TOKEN_TYPE = "at+jwt"  # noqa: S105  # RFC 9068: a media type, no secret
REFETCH_INTERVAL = 5.0
LEEWAY = 5

ReadJwks = Callable[[], Awaitable[Mapping[str, Any]]]


@dataclass(frozen=True)
class TokenConfig:
    """What a token must say, and where the keys are that it is signed with."""

    jwks_url: str = setting("JWKS_URL", "where the public signing keys are fetched")
    issuer: str = setting("TOKEN_ISSUER", "issuer that tokens must name", "puremusic")
    audience: str = setting("TOKEN_AUDIENCE", "audience that tokens must name", "puremusic")


@dataclass(frozen=True)
class Caller:
    """A verified caller. `service` is set when a service acts for the user."""

    user_id: str
    roles: frozenset[str]
    scopes: frozenset[str]
    token: str
    service: str = ""
    expires_at: float = math.inf
    """When the token runs out, in seconds since 1970."""

    @property
    def is_admin(self) -> bool:
        """Whether the caller is an operator."""
        return "admin" in self.roles


@dataclass(frozen=True)
class Access:
    """Who may call an RPC: anybody, or a caller with the scope, and with the role or as a service if one is named."""

    public: bool = False
    scope: str = ""
    role: str = ""
    service: bool = False

    def check(self, caller: Caller) -> None:
        """Raise `Forbidden` unless the caller may."""
        if self.scope and self.scope not in caller.scopes:
            raise Forbidden("SCOPE_MISSING", f"This needs a token with the scope '{self.scope}'.", scope=self.scope)
        if self.role and self.role not in caller.roles:
            raise Forbidden("ROLE_MISSING", f"This needs the role '{self.role}'.", role=self.role)
        if self.service and not caller.service:
            raise Forbidden("SERVICE_ONLY", "Only services of the mesh may call this.")


PUBLIC = Access(public=True)
READ = Access(scope="read")
WRITE = Access(scope="write")
ADMIN = Access(scope="write", role="admin")

Policy = Mapping[str, Access]
"""Full method name, `/package.Service/Method`, to who may call it."""

_caller: ContextVar[Caller | None] = ContextVar("caller", default=None)


def set_caller(caller: Caller | None) -> None:
    """Remember who makes the present call; the interceptor does this."""
    _caller.set(caller)


def caller() -> Caller:
    """Return who makes the present call, or raise `Unauthenticated`."""
    found = _caller.get()
    if found is None:
        raise _unauthenticated("TOKEN_MISSING", "Sign in first: send 'authorization: Bearer <access token>'.")
    return found


def caller_or_none() -> Caller | None:
    """Return who makes the present call, if anybody is known."""
    return _caller.get()


class Verifier:
    """Checks tokens against the published key set, which it fetches again when a token names a key it does not know."""

    def __init__(self, config: TokenConfig, read_jwks: ReadJwks | None = None) -> None:
        self._config = config
        self._read = read_jwks or (lambda: _fetch(config.jwks_url))
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetched = float("-inf")
        self._lock = asyncio.Lock()

    async def verify(self, token: str) -> Caller:
        """Return the caller that `token` names, or raise `Unauthenticated`, or `Unavailable` while no key can be had."""
        try:
            header = jwt.get_unverified_header(token)
            if header.get("typ") != TOKEN_TYPE or header.get("alg") != ALGORITHM:
                raise _unauthenticated("TOKEN_INVALID", "This is not an access token of PureMusic.")
            key = await self._key(str(header.get("kid", "")))
            claims = jwt.decode(
                token,
                key,
                algorithms=[ALGORITHM],
                issuer=self._config.issuer,
                audience=self._config.audience,
                leeway=LEEWAY,
                options={"require": ["exp", "iat", "sub", "aud", "iss"]},
            )
        except jwt.ExpiredSignatureError:
            raise _unauthenticated("TOKEN_EXPIRED", "The access token has run out; refresh it.") from None
        except jwt.PyJWTError:
            raise _unauthenticated("TOKEN_INVALID", "The access token is not valid; sign in again.") from None
        return _caller_of(claims, token)

    async def _key(self, key_id: str) -> jwt.PyJWK:
        if key_id not in self._keys:
            await self._refresh()
        if key_id not in self._keys:
            raise _unauthenticated("TOKEN_INVALID", "The access token is signed with an unknown key; sign in again.")
        return self._keys[key_id]

    async def _refresh(self) -> None:
        async with self._lock:
            if time.monotonic() - self._fetched < REFETCH_INTERVAL:
                return
            published = await self._read()
            self._keys = {str(key["kid"]): jwt.PyJWK(dict(key), algorithm=ALGORITHM) for key in published["keys"]}
            self._fetched = time.monotonic()


async def _fetch(url: str) -> Mapping[str, Any]:
    def read() -> Mapping[str, Any]:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310  # the operator's own setting
            keys: Mapping[str, Any] = json.load(answer)
            return keys

    try:
        return await asyncio.to_thread(read)
    except OSError:
        raise Unavailable("KEYS_UNAVAILABLE", "Tokens can't be checked right now; try again.") from None


def _caller_of(claims: Mapping[str, Any], token: str) -> Caller:
    return Caller(
        user_id=str(claims["sub"]),
        roles=frozenset(claims.get("roles", ())),
        scopes=frozenset(str(claims.get("scope", "")).split()),
        service=str(claims.get("service", "")),
        token=token,
        expires_at=float(claims["exp"]),
    )


def _unauthenticated(reason: str, message: str) -> Unauthenticated:
    return Unauthenticated(reason, message)
