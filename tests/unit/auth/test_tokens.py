"""Signed tokens satisfy the verifier that every service has, and nothing else does."""

import base64
import json
from collections.abc import Mapping
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chassis.errors import Unauthenticated
from chassis.identity import TokenConfig, Verifier
from services.auth.tokens import Grant, Mint, SigningKey, fingerprint, new_secret, public_jwk

PRIVATE = Ed25519PrivateKey.generate()
JWK = public_jwk(PRIVATE.public_key().public_bytes_raw())
KEY = SigningKey(JWK["kid"], PRIVATE)
MINT = Mint("puremusic", "puremusic")
GRANT = Grant("ada", ("user", "admin"), ("read", "write"))


async def published() -> Mapping[str, Any]:
    return {"keys": [JWK]}


def verifier() -> Verifier:
    return Verifier(TokenConfig(jwks_url="", issuer="puremusic", audience="puremusic"), published)


async def test_the_verifier_reads_what_the_mint_wrote() -> None:
    caller = await verifier().verify(MINT.sign(KEY, GRANT, 900).token)
    assert caller.user_id == "ada"
    assert caller.roles == {"user", "admin"}
    assert caller.scopes == {"read", "write"}
    assert caller.service == ""


async def test_a_service_acts_for_a_user() -> None:
    caller = await verifier().verify(MINT.sign(KEY, Grant("ada", ("user",), ("read",), "mir"), 300).token)
    assert (caller.user_id, caller.service) == ("ada", "mir")


def test_every_claim_is_there() -> None:
    minted = MINT.sign(KEY, GRANT, 900)
    assert minted.expires_in == 900
    assert jwt.get_unverified_header(minted.token) == {"alg": "EdDSA", "typ": "at+jwt", "kid": JWK["kid"]}
    claims = jwt.decode(minted.token, options={"verify_signature": False})
    assert claims["exp"] - claims["iat"] == 900
    assert {**claims, "exp": 0, "iat": 0, "jti": ""} == {
        "iss": "puremusic",
        "aud": "puremusic",
        "sub": "ada",
        "exp": 0,
        "iat": 0,
        "jti": "",
        "roles": ["user", "admin"],
        "scope": "read write",
    }


def test_no_two_tokens_have_the_same_id() -> None:
    tokens = [jwt.decode(MINT.sign(KEY, GRANT, 1).token, options={"verify_signature": False}) for _ in range(50)]
    assert len({claims["jti"] for claims in tokens}) == 50


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        (MINT.sign(KEY, GRANT, -60).token, "TOKEN_EXPIRED"),
        (Mint("puremusic", "elsewhere").sign(KEY, GRANT, 900).token, "TOKEN_INVALID"),
        (Mint("somebody", "puremusic").sign(KEY, GRANT, 900).token, "TOKEN_INVALID"),
        (MINT.sign(SigningKey(JWK["kid"], Ed25519PrivateKey.generate()), GRANT, 900).token, "TOKEN_INVALID"),
        (MINT.sign(SigningKey("unknown", PRIVATE), GRANT, 900).token, "TOKEN_INVALID"),
        (jwt.encode({"sub": "ada"}, PRIVATE, "EdDSA", {"typ": "at+jwt", "kid": JWK["kid"]}), "TOKEN_INVALID"),
        (jwt.encode({"sub": "ada"}, "", "none", {"typ": "at+jwt", "kid": JWK["kid"]}), "TOKEN_INVALID"),
        ("not.a.token", "TOKEN_INVALID"),
    ],
)
async def test_everything_else_is_refused(token: str, reason: str) -> None:
    with pytest.raises(Unauthenticated) as refused:
        await verifier().verify(token)
    assert refused.value.reason == reason


async def test_changed_claims_break_the_signature() -> None:
    head, body, signature = MINT.sign(KEY, GRANT, 900).token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    forged = base64.urlsafe_b64encode(json.dumps({**claims, "sub": "eve"}).encode()).decode().rstrip("=")
    with pytest.raises(Unauthenticated):
        await verifier().verify(f"{head}.{forged}.{signature}")


def test_a_published_key_holds_no_private_half() -> None:
    assert set(JWK) == {"kty", "crv", "x", "kid", "use", "alg"}


def test_a_key_is_named_as_rfc_8037_does() -> None:
    # Appendix A.2 and A.3.
    public = base64.urlsafe_b64decode("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo=")
    assert public_jwk(public)["kid"] == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


def test_opaque_tokens_are_long_and_known_by_their_hash_only() -> None:
    secret = new_secret("pm_")
    assert secret.startswith("pm_")
    assert len(base64.urlsafe_b64decode(secret.removeprefix("pm_") + "=")) == 32
    assert fingerprint(secret) != fingerprint(new_secret("pm_"))
    assert len(fingerprint(secret)) == 32
