"""Tokens: signed ones, which say who somebody is, and opaque ones, which are only known again."""

import base64
import hashlib
import json
import secrets
import time
import uuid
from dataclasses import dataclass

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from chassis.identity import ALGORITHM, TOKEN_TYPE

API_KEY_PREFIX = "pm_"
RANDOM_BYTES = 32


@dataclass(frozen=True)
class SigningKey:
    """A key that signs now."""

    key_id: str
    private_key: Ed25519PrivateKey


@dataclass(frozen=True)
class Grant:
    """What a token allows: to act as the user, with these roles and scopes; `service` is who acts, if not the user."""

    user_id: str
    roles: tuple[str, ...]
    scopes: tuple[str, ...]
    service: str = ""


@dataclass(frozen=True)
class Minted:
    """A signed token and the seconds until it runs out."""

    token: str
    expires_in: int


@dataclass(frozen=True)
class Mint:
    """Signs tokens for one issuer and one audience."""

    issuer: str
    audience: str

    def sign(self, key: SigningKey, grant: Grant, seconds: int) -> Minted:
        """Return a token that is good for so many seconds."""
        now = int(time.time())
        claims: dict[str, object] = {
            "iss": self.issuer,
            "aud": self.audience,
            "sub": grant.user_id,
            "iat": now,
            "exp": now + seconds,
            "jti": uuid.uuid4().hex,
            "roles": list(grant.roles),
            "scope": " ".join(grant.scopes),
        }
        if grant.service:
            claims["service"] = grant.service
        headers = {"typ": TOKEN_TYPE, "kid": key.key_id}
        return Minted(jwt.encode(claims, key.private_key, ALGORITHM, headers), seconds)


def new_secret(prefix: str = "") -> str:
    """Return an opaque token of 256 random bits."""
    return prefix + secrets.token_urlsafe(RANDOM_BYTES)


def fingerprint(secret: str) -> bytes:
    """Return what is stored of an opaque token. It is random enough that a plain hash can't be turned round."""
    return hashlib.sha256(secret.encode()).digest()


def public_jwk(public_key: bytes) -> dict[str, str]:
    """Return a public Ed25519 key as a JSON Web Key (RFC 8037), named by its thumbprint."""
    jwk = {
        "crv": "Ed25519",
        "kty": "OKP",
        "x": _base64url(Ed25519PublicKey.from_public_bytes(public_key).public_bytes_raw()),
    }
    return {**jwk, "kid": _thumbprint(jwk), "use": "sig", "alg": ALGORITHM}


def _thumbprint(jwk: dict[str, str]) -> str:
    """RFC 7638: the hash of the key's own members, in order and without space."""
    return _base64url(hashlib.sha256(json.dumps(jwk, sort_keys=True, separators=(",", ":")).encode()).digest())


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
