"""Sessions: a login begins a family of refresh tokens, each good for one exchange.

A refresh token that comes twice was stolen, or its answer was lost: nobody can tell which, so the whole family ends and its
owner signs in again (RFC 9700 4.14.2). There is no grace for two requests at once. A client with several tabs lets one of
them refresh, as the web client's session cookie does.
"""

import logging
import uuid
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.errors import Unauthenticated
from chassis.postgres import Database
from services.auth.config import Lifetimes
from services.auth.credentials import Credentials
from services.auth.passwords import Hasher
from services.auth.policy import ACCOUNT_SCOPE
from services.auth.signing_keys import KeyRing
from services.auth.store import accounts, logins
from services.auth.store.accounts import Account
from services.auth.store.logins import RefreshToken
from services.auth.tokens import Grant, Mint, Minted, fingerprint, new_secret

log = logging.getLogger(__name__)

SESSION_SCOPES = ("read", "write", ACCOUNT_SCOPE)


@dataclass(frozen=True)
class Session:
    """A signed-in user's pair of tokens."""

    access: Minted
    refresh_token: str
    refresh_expires_in: int
    account: Account


@dataclass(frozen=True)
class Sessions:
    """Begins, continues and ends sessions."""

    database: Database
    credentials: Credentials
    hasher: Hasher
    keys: KeyRing
    mint: Mint
    lifetimes: Lifetimes

    async def login(self, email: str, password: str) -> Session:
        """Sign in; raises `Unauthenticated` or `Exhausted`."""
        checked = await self.credentials.check(email, password)
        fresh = await self.hasher.hash(password) if self.hasher.outdated(checked.password_hash) else None
        async with self.database.transaction() as connection:
            present = await accounts.find(connection, checked.user_id, "FOR UPDATE")
            # The password may have been changed while the old one was checked.
            if present is None or present.password_hash != checked.password_hash:
                raise Unauthenticated("WRONG_CREDENTIALS", "The e-mail address or the password is not right.")
            if fresh:
                await accounts.set_password(connection, present.user_id, fresh)
            return await self.open(connection, present)

    async def open(self, connection: AsyncConnection, account: Account) -> Session:
        """Begin a session for an account that has proved itself."""
        login_id = uuid.uuid4().hex
        await logins.add(connection, login_id, account.user_id, self.lifetimes.session_seconds)
        return await self._continue(connection, login_id, account)

    async def refresh(self, refresh_token: str) -> Session:
        """Exchange a refresh token for a new pair; raises `Unauthenticated`."""
        token_hash = fingerprint(refresh_token)
        async with self.database.transaction() as connection:
            token = await logins.find_token(connection, token_hash)
            account = await accounts.find(connection, token.user_id) if token else None
            if token and account and not (token.used or token.revoked or token.expired):
                await logins.use(connection, token_hash)
                return await self._continue(connection, token.login_id, account)
            if token and token.used:
                await logins.revoke(connection, token.login_id)
        # Outside the transaction: an exception within would undo the revocation.
        raise _refused(token)

    async def logout(self, refresh_token: str, *, everywhere: bool) -> None:
        """End the token's login, or all of its user's. Silent about tokens that mean nothing."""
        async with self.database.transaction() as connection:
            token = await logins.find_token(connection, fingerprint(refresh_token))
            if token and everywhere:
                await logins.revoke_all(connection, token.user_id)
            elif token:
                await logins.revoke(connection, token.login_id)

    async def _continue(self, connection: AsyncConnection, login_id: str, account: Account) -> Session:
        secret = new_secret()
        seconds = await logins.add_token(connection, login_id, fingerprint(secret), self.lifetimes.refresh_seconds)
        key = await self.keys.signing(connection)
        grant = Grant(account.user_id, account.roles, SESSION_SCOPES)
        return Session(self.mint.sign(key, grant, self.lifetimes.access_seconds), secret, seconds, account)


def _refused(token: RefreshToken | None) -> Unauthenticated:
    if token is None:
        return Unauthenticated("REFRESH_TOKEN_INVALID", "This refresh token is not one of ours; sign in again.")
    if token.used:
        log.warning("refresh token reused", extra={"facts": {"user_id": token.user_id, "login_id": token.login_id}})
        return Unauthenticated(
            "REFRESH_TOKEN_REUSED",
            "This refresh token was used before. To be safe, this login has been ended; sign in again.",
        )
    if token.revoked:
        return Unauthenticated("REFRESH_TOKEN_REVOKED", "This login has been ended; sign in again.")
    return Unauthenticated("REFRESH_TOKEN_EXPIRED", "The refresh token has run out; sign in again.")
