"""Signing keys: kept sealed in the database, published as a JSON Web Key Set, rotated without refusing a valid token.

A new key is published at once and signs only after `lead_seconds`, when every cache of the old set has run out. The old key
stops signing at that moment, and stays published until the last token that it signed has run out.
"""

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.identity import LEEWAY
from chassis.postgres import Database
from services.auth.store import signing_keys
from services.auth.tokens import SigningKey, public_jwk

log = logging.getLogger(__name__)

# Tokens run out by the clock of the process that made them, keys by Postgres's: these may differ by so much.
CLOCK_SECONDS = 60


class SealedWithAnotherKey(Exception):
    """The signing keys in the database were encrypted with another sealing key than the configured one."""


@dataclass(frozen=True)
class Rotation:
    """A new key, and when it begins to sign."""

    key_id: str
    signs_from: datetime


@dataclass(frozen=True)
class KeyRing:
    """The keys of one issuer, for any number of replicas."""

    database: Database
    sealing: Fernet
    lead_seconds: float
    longest_token_seconds: float

    async def ensure(self) -> None:
        """Make the first key, unless another replica was faster, and make sure that the present one can be used."""
        async with self.database.transaction() as connection:
            await signing_keys.hold(connection)
            if await signing_keys.present(connection) is None:
                made = await self._make(connection, 0)
                log.info("first signing key made", extra={"facts": {"key_id": made.key_id}})
        async with self.database.transaction() as connection:
            await self.signing(connection)

    async def rotate(self) -> Rotation:
        """Make a new key, and forget those that nothing valid is signed with any more."""
        async with self.database.transaction() as connection:
            await signing_keys.hold(connection)
            await signing_keys.forget(connection, self._needed_seconds)
            made = await self._make(connection, self.lead_seconds)
        log.info("signing key rotated", extra={"facts": {"key_id": made.key_id, "signs_from": made.signs_from}})
        return made

    async def signing(self, connection: AsyncConnection) -> SigningKey:
        """Return the key that signs now. It is read each time: no replica signs with a key that has been superseded."""
        present = await signing_keys.present(connection)
        if present is None:
            raise LookupError("there is no signing key: this database was emptied under a running server")
        try:
            private = self.sealing.decrypt(present.sealed_key)
        except InvalidToken:
            raise SealedWithAnotherKey(
                "PUREMUSIC_SEALING_KEY is not the key that the signing keys in the database were encrypted with"
            ) from None
        return SigningKey(present.key_id, Ed25519PrivateKey.from_private_bytes(private))

    async def published(self) -> dict[str, Any]:
        """Return the JSON Web Key Set (RFC 7517)."""
        async with self.database.transaction() as connection:
            keys = await signing_keys.public_keys(connection, self._needed_seconds)
        return {"keys": [public_jwk(key) for key in keys]}

    @property
    def _needed_seconds(self) -> float:
        return self.longest_token_seconds + LEEWAY + CLOCK_SECONDS

    async def _make(self, connection: AsyncConnection, lead_seconds: float) -> Rotation:
        private = Ed25519PrivateKey.generate()
        public = private.public_key().public_bytes_raw()
        key_id = public_jwk(public)["kid"]
        sealed = self.sealing.encrypt(private.private_bytes_raw())
        return Rotation(key_id, await signing_keys.add(connection, key_id, public, sealed, lead_seconds))
