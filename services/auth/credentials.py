"""Whether somebody is who they say, by e-mail and password; and the lock against guessing.

Failures are counted per address, in Postgres, whether or not there is an account: neither the answer, nor its time, nor the
lock tells who is registered. From the configured number of failures on, each one locks the address for twice as long as the
one before.
"""

import asyncio
import logging
import math
from weakref import WeakValueDictionary

from chassis.errors import Exhausted, Unauthenticated
from chassis.postgres import Database
from services.auth.config import LockoutConfig
from services.auth.emails import email_hash, email_key
from services.auth.passwords import Hasher
from services.auth.store import accounts, failures
from services.auth.store.accounts import Account

log = logging.getLogger(__name__)


def lock_seconds(failed: int, config: LockoutConfig) -> float:
    """Return for how long the address is locked after so many failures in a row."""
    beyond = failed - config.failures
    if beyond < 0:
        return 0.0
    # The exponent is bounded too: 2**2000 is no float.
    return float(min(config.first_seconds * 2 ** min(beyond, 64), config.longest_seconds))


class Credentials:
    """Checks passwords."""

    def __init__(self, database: Database, hasher: Hasher, config: LockoutConfig) -> None:
        self._database = database
        self._hasher = hasher
        self._config = config
        self._turns: WeakValueDictionary[bytes, asyncio.Lock] = WeakValueDictionary()

    async def check(self, email: str, password: str) -> Account:
        """Return the account, or raise `Unauthenticated` (the same for an unknown address) or `Exhausted` (locked)."""
        key = email_key(email)
        hashed = email_hash(key)
        # One guess at a time for an address: a hundred at once would all be through before the first is counted.
        async with self._turns.setdefault(hashed, asyncio.Lock()):
            found = await self._admitted(key, hashed)
            matched = await self._hasher.matches(found.password_hash if found else None, password)
            await self._remember(hashed, matched)
        if found is None or not matched:
            log.info("login failed", extra={"facts": {"user_id": found.user_id if found else ""}})
            raise Unauthenticated("WRONG_CREDENTIALS", "The e-mail address or the password is not right.")
        return found

    async def _admitted(self, key: str, hashed: bytes) -> Account | None:
        async with self._database.transaction() as connection:
            locked = await failures.seconds_locked(connection, hashed)
            found = await accounts.find_by_email(connection, key)
        if locked > 0:
            seconds = math.ceil(locked)
            raise Exhausted(
                "ACCOUNT_LOCKED",
                f"Too many wrong passwords. Try again in {seconds} seconds.",
                retry_after_seconds=seconds,
            )
        return found

    async def _remember(self, hashed: bytes, matched: bool) -> None:
        async with self._database.transaction() as connection:
            if matched:
                await failures.forgive(connection, hashed)
                return
            failed = await failures.count(connection, hashed, self._config.memory_seconds)
            if seconds := lock_seconds(failed, self._config):
                await failures.lock_for(connection, hashed, seconds)
