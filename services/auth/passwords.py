"""Passwords: which are good enough, and their argon2id hashes."""

import asyncio
import string
import threading
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import VerifyMismatchError

from chassis.errors import InvalidInput, Unavailable
from services.auth.config import HashingConfig
from services.auth.emails import email_key

MIN_LENGTH = 10
MAX_LENGTH = 200
MIN_DISTINCT = 4

# Of the passwords that everybody tries first, the words that those of ten characters and more are made of: what is left of
# `Password123!` and `1234qwerty` without the digits and signs around it.
COMMON_WORDS = frozenset({
    "abc", "access", "admin", "administrator", "asdfgh", "asdfghjkl", "baseball", "changeme", "charlie", "computer",
    "default", "dragon", "football", "guest", "hello", "iloveyou", "letmein", "liverpool", "login", "master", "michael",
    "monkey", "music", "mypassword", "newpassword", "pass", "passw0rd", "password", "princess", "puremusic", "qwer",
    "qwert", "qwerty", "qwertyuiop", "qwertz", "qwertzuiop", "root", "secret", "shadow", "starwars", "sunshine",
    "superman", "test", "trustno", "user", "welcome", "whatever", "zxcvbnm",
})  # fmt: skip

ROWS = ("1234567890" * 2, "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm", "1q2w3e4r5t6y7u8i9o0p")

T = TypeVar("T")


def require_good_password(password: str, email: str) -> None:
    """Raise `InvalidInput` for a password that is too short, too long, or among the first that anybody would guess."""
    spelled = _normal(password)
    if not MIN_LENGTH <= len(spelled) <= MAX_LENGTH:
        raise _weak(f"A password has {MIN_LENGTH} to {MAX_LENGTH} characters.")
    if email_key(spelled) in (email_key(email), email_key(email).partition("@")[0]):
        raise _weak("The password must not be your e-mail address.")
    if _easily_guessed(spelled.casefold()):
        raise _weak("This password is among the first that anybody would guess. Choose another.")


def _easily_guessed(password: str) -> bool:
    unit = _unit(password)
    row = any(unit in line or unit[::-1] in line for line in ROWS)
    word = unit.strip(string.digits + string.punctuation + string.whitespace)
    return row or len(set(password)) < MIN_DISTINCT or word in COMMON_WORDS


def _unit(text: str) -> str:
    """Return `password` of `passwordpassword`: the shortest part that the whole is a repetition of."""
    return text[: (text + text).find(text, 1)]


def _normal(password: str) -> str:
    # The same password typed on another keyboard may arrive composed in another way (NIST SP 800-63B 3.1.1.2).
    return unicodedata.normalize("NFKC", password)


def _weak(message: str) -> InvalidInput:
    return InvalidInput("WEAK_PASSWORD", message, min_length=MIN_LENGTH, max_length=MAX_LENGTH)


class Hasher:
    """Makes and checks hashes, a few at a time: each takes much memory, and anybody may ask for one.

    The threads are the semaphore. A caller who gives up frees his place in the queue, but not a thread that is at work.
    """

    def __init__(self, config: HashingConfig) -> None:
        self._argon2 = PasswordHasher(config.passes, config.memory_kib, config.lanes, type=Type.ID)
        self._threads = ThreadPoolExecutor(config.concurrency, thread_name_prefix="argon2")
        self._places = threading.Semaphore(config.concurrency + config.queue)
        self._nobodys = self._argon2.hash("the password of nobody")

    async def hash(self, password: str) -> str:
        """Return the hash of a new password."""
        return await self._run(lambda: self._argon2.hash(_normal(password)))

    async def matches(self, password_hash: str | None, password: str) -> bool:
        """Say whether it is the password. Without a hash (no such account) it takes as long to say no."""
        matched = await self._run(lambda: self._verify(password_hash or self._nobodys, _normal(password)))
        return matched and password_hash is not None

    def outdated(self, password_hash: str) -> bool:
        """Say whether the hash was made with other parameters than the present ones."""
        return self._argon2.check_needs_rehash(password_hash)

    async def close(self) -> None:
        """Let the threads go."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _verify(self, password_hash: str, password: str) -> bool:
        try:
            return self._argon2.verify(password_hash, password)
        except VerifyMismatchError:
            return False

    async def _run(self, work: Callable[[], T]) -> T:
        if not self._places.acquire(blocking=False):
            raise Unavailable("BUSY", "Too many people are signing in right now. Try again in a few seconds.")
        future = self._threads.submit(work)
        future.add_done_callback(lambda _: self._places.release())
        return await asyncio.wrap_future(future)
