"""Accounts: how one comes to be, changes, and goes with everything that belongs to it."""

import logging
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.errors import AlreadyExists, Forbidden, InvalidInput, NotFound, NotReady, Unauthenticated
from chassis.postgres import Database
from services.auth.credentials import Credentials
from services.auth.emails import email_hash, email_key, read_email
from services.auth.names import read_name
from services.auth.passwords import Hasher, require_good_password
from services.auth.sessions import Session, Sessions
from services.auth.store import accounts, api_keys, failures, logins, reset_tokens
from services.auth.store.accounts import Account, NewAccount
from services.auth.store.api_keys import ApiKey
from services.auth.store.logins import Login
from services.auth.tokens import fingerprint, new_secret

log = logging.getLogger(__name__)

CHANGEABLE = ("display_name", "accepted_terms_version")

Announce = Callable[[AsyncConnection, str, int, bool], Awaitable[None]]
"""Tells the world, in the transaction, that the user with this id is registered or (True) deleted, as of this version."""


@dataclass(frozen=True)
class Registration:
    """What somebody gives to register."""

    email: str
    password: str
    display_name: str
    terms_version: str


@dataclass(frozen=True)
class Export:
    """Everything that auth keeps about a user, but for what only a hash is kept of."""

    account: Account
    api_keys: Sequence[ApiKey]
    logins: Sequence[Login]


@dataclass(frozen=True)
class Accounts:
    """The life of accounts."""

    database: Database
    credentials: Credentials
    hasher: Hasher
    sessions: Sessions
    announce: Announce
    terms_version: str
    reset_seconds: float

    async def register(self, wish: Registration) -> Session:
        """Create an account and sign in."""
        email = read_email(wish.email)
        require_good_password(wish.password, email)
        name = read_name("display_name", wish.display_name, optional=True)
        self._require_terms(wish.terms_version)
        password_hash = await self.hasher.hash(wish.password)
        new = NewAccount(uuid.uuid4().hex, email, email_key(email), name, password_hash, wish.terms_version)
        async with self.database.transaction() as connection:
            added = await accounts.add(connection, new)
            if added is None:
                raise AlreadyExists("EMAIL_TAKEN", "There is an account with this e-mail address already. Sign in.")
            await self.announce(connection, added.user_id, added.version, False)
            session = await self.sessions.open(connection, added)
        log.info("account registered", extra={"facts": {"user_id": added.user_id}})
        return session

    async def get(self, user_id: str) -> Account:
        """Return the account."""
        async with self.database.transaction() as connection:
            return _present(await accounts.find(connection, user_id))

    async def update(self, user_id: str, changes: dict[str, str]) -> Account:
        """Change what the keys of `changes` name."""
        unknown = [path for path in changes if path not in CHANGEABLE]
        if unknown or not changes:
            raise InvalidInput(
                "UPDATE_MASK_INVALID",
                f"The update mask names what to change: any of {', '.join(CHANGEABLE)}.",
                unknown=",".join(unknown),
            )
        name, terms = changes.get("display_name"), changes.get("accepted_terms_version")
        if name is not None:
            name = read_name("display_name", name, optional=True)
        if terms is not None:
            self._require_terms(terms)
        async with self.database.transaction() as connection:
            return _present(await accounts.update(connection, user_id, name, terms))

    async def change_password(self, user_id: str, current: str, new: str) -> Session:
        """Replace the password, sign out everywhere, and sign in here."""
        account = await self._prove(user_id, current)
        require_good_password(new, account.email)
        password_hash = await self.hasher.hash(new)
        async with self.database.transaction() as connection:
            changed = _present(await accounts.set_password(connection, user_id, password_hash))
            await logins.revoke_all(connection, user_id)
            session = await self.sessions.open(connection, changed)
        log.info("password changed", extra={"facts": {"user_id": user_id}})
        return session

    async def export(self, user_id: str) -> Export:
        """Return everything that is kept about the user."""
        async with self.database.transaction() as connection:
            return Export(
                _present(await accounts.find(connection, user_id)),
                await api_keys.newest_first(connection, user_id),
                await logins.unexpired(connection, user_id),
            )

    async def delete(self, user_id: str, password: str) -> None:
        """Delete the account. Refresh tokens and API keys die now, access tokens when they run out."""
        await self._prove(user_id, password)
        async with self.database.transaction() as connection:
            deleted = _present(await accounts.delete(connection, user_id))
            await self.announce(connection, user_id, deleted.version + 1, True)
        log.info("account deleted", extra={"facts": {"user_id": user_id}})

    async def issue_reset_token(self, operator_id: str, email: str) -> tuple[str, datetime]:
        """Make a token with which the user sets a new password; return it with the time when it runs out."""
        secret = new_secret()
        async with self.database.transaction() as connection:
            account = await accounts.find_by_email(connection, email_key(email))
            if account is None:
                raise NotFound("ACCOUNT_NOT_FOUND", "There is no account with this e-mail address.")
            until = await reset_tokens.add(connection, fingerprint(secret), account.user_id, self.reset_seconds)
        log.info("reset token issued", extra={"facts": {"user_id": account.user_id, "operator_id": operator_id}})
        return secret, until

    async def reset_password(self, reset_token: str, new: str) -> None:
        """Set a new password with an operator's token and sign out everywhere. The token is used up only if that works."""
        token_hash = fingerprint(reset_token)
        async with self.database.transaction() as connection:
            account = await reset_tokens.account_of(connection, token_hash)
        if account is None:
            raise _reset_refused()
        require_good_password(new, account.email)
        password_hash = await self.hasher.hash(new)
        async with self.database.transaction() as connection:
            if not await reset_tokens.take(connection, token_hash):
                raise _reset_refused()
            await accounts.set_password(connection, account.user_id, password_hash)
            await logins.revoke_all(connection, account.user_id)
            await failures.forgive(connection, email_hash(account.email_key))
        log.info("password reset", extra={"facts": {"user_id": account.user_id}})

    async def _prove(self, user_id: str, password: str) -> Account:
        """Have a signed-in user prove once more that it is them. Wrong passwords count towards the lock here, too."""
        account = await self.get(user_id)
        try:
            return await self.credentials.check(account.email, password)
        except Unauthenticated:
            # The access token is fine, so it isn't UNAUTHENTICATED: clients answer that by refreshing the token.
            raise Forbidden("WRONG_PASSWORD", "The password is not right.") from None

    def _require_terms(self, version: str) -> None:
        if version != self.terms_version:
            raise NotReady(
                "TERMS_NOT_ACCEPTED",
                f"Read and accept the present terms of use, version {self.terms_version}.",
                terms_version=self.terms_version,
            )


def _present(account: Account | None) -> Account:
    if account is None:
        raise Unauthenticated("ACCOUNT_DELETED", "This account has been deleted.")
    return account


def _reset_refused() -> Unauthenticated:
    return Unauthenticated("RESET_TOKEN_INVALID", "This token is unknown, used or has run out. Ask for a new one.")
