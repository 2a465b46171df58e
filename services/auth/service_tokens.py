"""Service tokens: how a worker acts for a user who isn't there."""

import hmac
import logging
from collections.abc import Mapping
from dataclasses import dataclass

from chassis.config import Secret
from chassis.errors import NotFound, Unauthenticated
from chassis.postgres import Database
from services.auth.api_keys import SCOPES
from services.auth.signing_keys import KeyRing
from services.auth.store import accounts
from services.auth.tokens import Grant, Mint, Minted, fingerprint

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ServiceTokens:
    """Gives the services of the mesh tokens."""

    database: Database
    keys: KeyRing
    mint: Mint
    seconds: int
    client_secrets: Mapping[str, Secret]

    async def issue(self, service: str, client_secret: str, user_id: str) -> Minted:
        """Return a token with which the service acts for the user: never with more than a plain user's role."""
        # Hashes of equal length, compared in constant time; an unknown service takes as long as a wrong secret.
        expected = self.client_secrets.get(service, Secret(""))
        right = hmac.compare_digest(fingerprint(expected.reveal()), fingerprint(client_secret))
        if not right or not expected.reveal():
            log.warning("service refused", extra={"facts": {"service": service[:40]}})
            raise Unauthenticated("WRONG_SERVICE_CREDENTIALS", "The service or its client secret is not right.")
        async with self.database.transaction() as connection:
            if await accounts.find(connection, user_id) is None:
                raise NotFound("USER_NOT_FOUND", "There is no such user.", user_id=user_id)
            key = await self.keys.signing(connection)
            return self.mint.sign(key, Grant(user_id, ("user",), SCOPES, service), self.seconds)
