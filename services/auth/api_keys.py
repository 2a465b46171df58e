"""API keys: long-lived credentials for programs, exchanged for short tokens."""

import logging
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import paging
from chassis.errors import Exhausted, InvalidInput, NotFound, Unauthenticated
from chassis.postgres import Database
from services.auth.config import Lifetimes
from services.auth.names import read_name
from services.auth.signing_keys import KeyRing
from services.auth.store import accounts, api_keys
from services.auth.store.accounts import Account
from services.auth.store.api_keys import ApiKey, NewApiKey
from services.auth.tokens import API_KEY_PREFIX, Grant, Mint, Minted, fingerprint, new_secret

log = logging.getLogger(__name__)

SCOPES = ("read", "write")
LARGEST_SERIAL = 2**63 - 1


@dataclass(frozen=True)
class Wish:
    """The key that somebody wants."""

    name: str
    scopes: Sequence[str]
    expires_at: datetime | None


@dataclass(frozen=True)
class ApiKeys:
    """A user's keys."""

    database: Database
    keys: KeyRing
    mint: Mint
    lifetimes: Lifetimes
    limit: int

    async def create(self, user_id: str, wish: Wish) -> tuple[ApiKey, str]:
        """Make a key; return it with its secret, which is kept nowhere."""
        name = read_name("name", wish.name)
        scopes = _read_scopes(wish.scopes)
        if wish.expires_at is not None and wish.expires_at <= datetime.now(UTC):
            raise InvalidInput("EXPIRE_TIME_PAST", "The key would have run out already.", field="expire_time")
        secret = new_secret(API_KEY_PREFIX)
        new = NewApiKey(uuid.uuid4().hex, user_id, fingerprint(secret), name, scopes, wish.expires_at)
        async with self.database.transaction() as connection:
            await self._require_room(connection, user_id)
            key = await api_keys.add(connection, new)
        log.info("api key made", extra={"facts": {"user_id": user_id, "api_key_id": key.api_key_id}})
        return key, secret

    async def list(self, user_id: str, page: paging.Page) -> tuple[list[ApiKey], str]:
        """Return a page of the user's keys, newest first, and the token of the next page."""
        async with self.database.transaction() as connection:
            rows = await api_keys.newest_first(connection, user_id, _before(page), page.size + 1)
        shown, last = paging.split(rows, page.size)
        return shown, paging.token(str(last.serial)) if last else ""

    async def revoke(self, user_id: str, api_key_id: str) -> None:
        """End a key. Tokens that it was exchanged for run out by themselves."""
        async with self.database.transaction() as connection:
            if not await api_keys.delete(connection, user_id, api_key_id):
                raise NotFound("API_KEY_NOT_FOUND", "There is no such API key.", api_key_id=api_key_id)
        log.info("api key revoked", extra={"facts": {"user_id": user_id, "api_key_id": api_key_id}})

    async def exchange(self, secret: str) -> Minted:
        """Return an access token with the key's scopes; it does not outlive the key."""
        async with self.database.transaction() as connection:
            used = await api_keys.use(connection, fingerprint(secret))
            owner = await accounts.find(connection, used.key.user_id) if used else None
            if used is None or owner is None:
                raise Unauthenticated("API_KEY_INVALID", "This API key is unknown, revoked or has run out.")
            seconds = min(self.lifetimes.access_seconds, used.seconds_left or self.lifetimes.access_seconds)
            grant = Grant(owner.user_id, owner.roles, used.key.scopes)
            return self.mint.sign(await self.keys.signing(connection), grant, seconds)

    async def _require_room(self, connection: AsyncConnection, user_id: str) -> Account:
        # Locked, so that two who create at once don't both take the last place.
        owner = await accounts.find(connection, user_id, "FOR UPDATE")
        if owner is None:
            raise Unauthenticated("ACCOUNT_DELETED", "This account has been deleted.")
        present = await api_keys.count(connection, user_id)
        if present >= self.limit:
            raise Exhausted(
                "API_KEY_LIMIT",
                f"You have {present} API keys; {self.limit} are allowed. Revoke one first.",
                limit=self.limit,
                present=present,
            )
        return owner


def _read_scopes(wanted: Sequence[str]) -> tuple[str, ...]:
    unknown = sorted(set(wanted) - set(SCOPES))
    if unknown or not wanted:
        raise InvalidInput(
            "UNKNOWN_SCOPE",
            f"The scopes of an API key are any of {', '.join(SCOPES)}.",
            field="scopes",
            unknown=",".join(unknown),
        )
    return tuple(scope for scope in SCOPES if scope in wanted)


def _before(page: paging.Page) -> int | None:
    if page.after is None:
        return None
    serial = page.after[0]
    if not (serial.isascii() and serial.isdigit() and int(serial) <= LARGEST_SERIAL):
        raise InvalidInput("PAGE_TOKEN_INVALID", "The page token is not one of ours; start at the first page.")
    return int(serial)
