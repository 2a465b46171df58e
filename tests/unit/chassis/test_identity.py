"""Tokens: only what we signed, for us, now, counts."""

import time
from collections.abc import Mapping
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt.algorithms import OKPAlgorithm

from chassis.errors import Forbidden, Unauthenticated
from chassis.identity import ADMIN, READ, WRITE, Access, Caller, TokenConfig, Verifier

KEY = Ed25519PrivateKey.generate()
CONFIG = TokenConfig(jwks_url="unused", issuer="puremusic", audience="puremusic")


class Published:
    """A key set as auth publishes it."""

    def __init__(self, **keys: Ed25519PrivateKey) -> None:
        self.keys = keys
        self.reads = 0

    async def read(self) -> Mapping[str, Any]:
        self.reads += 1
        return {
            "keys": [
                {**OKPAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": name} for name, key in self.keys.items()
            ]
        }


def token(
    key: Ed25519PrivateKey | str = KEY,
    *,
    kid: str = "one",
    typ: str = "at+jwt",
    algorithm: str = "EdDSA",
    **claims: object,
) -> str:
    now = int(time.time())
    body = {"iss": "puremusic", "aud": "puremusic", "sub": "u1", "iat": now, "exp": now + 60, "scope": "read write"}
    merged = {name: value for name, value in {**body, **claims}.items() if value is not None}
    return jwt.encode(merged, key, algorithm=algorithm, headers={"kid": kid, "typ": typ})


def verifier(**keys: Ed25519PrivateKey) -> Verifier:
    return Verifier(CONFIG, Published(**(keys or {"one": KEY})).read)


async def test_a_good_token_names_its_caller() -> None:
    caller = await verifier().verify(token(roles=["user", "admin"]))
    assert (caller.user_id, caller.is_admin, caller.scopes) == ("u1", True, frozenset({"read", "write"}))


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"exp": int(time.time()) - 60}, "TOKEN_EXPIRED"),
        ({"exp": None}, "TOKEN_INVALID"),
        ({"aud": "another"}, "TOKEN_INVALID"),
        ({"iss": "another"}, "TOKEN_INVALID"),
        ({"sub": None}, "TOKEN_INVALID"),
        ({"kid": "unknown"}, "TOKEN_INVALID"),
        ({"typ": "JWT"}, "TOKEN_INVALID"),
        ({"key": Ed25519PrivateKey.generate()}, "TOKEN_INVALID"),
        ({"key": "x" * 40, "algorithm": "HS256"}, "TOKEN_INVALID"),
        ({"key": "", "algorithm": "none"}, "TOKEN_INVALID"),
    ],
)
async def test_every_other_token_is_refused(claims: dict[str, Any], reason: str) -> None:
    with pytest.raises(Unauthenticated) as caught:
        await verifier().verify(token(**claims))
    assert caught.value.reason == reason


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "é"])
async def test_no_token_at_all_is_refused(text: str) -> None:
    with pytest.raises(Unauthenticated):
        await verifier().verify(text)


async def test_an_unknown_key_does_not_hammer_the_key_set() -> None:
    published = Published(one=KEY)
    checks = Verifier(CONFIG, published.read)
    for _ in range(10):
        with pytest.raises(Unauthenticated):
            await checks.verify(token(kid="unknown"))
    assert published.reads == 1


def caller(*, scopes: str = "read write", roles: str = "user", service: str = "") -> Caller:
    return Caller("u1", frozenset(roles.split()), frozenset(scopes.split()), "t", service)


@pytest.mark.parametrize(
    ("access", "who", "reason"),
    [
        (WRITE, caller(scopes="read"), "SCOPE_MISSING"),
        (ADMIN, caller(), "ROLE_MISSING"),
        (Access(service=True), caller(), "SERVICE_ONLY"),
    ],
)
def test_access_refuses(access: Access, who: Caller, reason: str) -> None:
    with pytest.raises(Forbidden) as caught:
        access.check(who)
    assert caught.value.reason == reason


def test_access_lets_through() -> None:
    READ.check(caller(scopes="read"))
    ADMIN.check(caller(roles="user admin"))
    Access(service=True).check(caller(service="mir"))
