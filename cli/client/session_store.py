"""Where a session is kept between two commands: in a file that only its owner reads, or nowhere."""

import asyncio
import fcntl
import json
import os
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

__all__ = ["KeptSession", "SessionFile", "SessionInMemory", "SessionStore"]


@dataclass(frozen=True)
class KeptSession:
    """What is needed to go on as the same user: never an access token, never a password."""

    url: str
    """The API it belongs to: the token is shown to nobody else."""
    email: str
    refresh_token: str


class SessionStore(Protocol):
    """Keeps one session."""

    def load(self) -> KeptSession | None:
        """Return the session, or None when nobody is signed in."""

    def save(self, session: KeptSession) -> None:
        """Keep a session in place of the one before."""

    def forget(self) -> None:
        """Keep none."""

    def exclusive(self) -> AbstractAsyncContextManager[None]:
        """Keep other commands away while a refresh token, which works once, is exchanged for the next."""


class SessionInMemory:
    """A session that ends with the program."""

    def __init__(self) -> None:
        self._session: KeptSession | None = None

    def load(self) -> KeptSession | None:
        """Return the session, or None when nobody is signed in."""
        return self._session

    def save(self, session: KeptSession) -> None:
        """Keep a session in place of the one before."""
        self._session = session

    def forget(self) -> None:
        """Keep none."""
        self._session = None

    @asynccontextmanager
    async def exclusive(self) -> AsyncIterator[None]:
        """Nobody else knows of it."""
        yield


class SessionFile:
    """A session in a file of mode 0600."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> KeptSession | None:
        """Return the session, or None when nobody is signed in or the file makes no sense."""
        try:
            return KeptSession(**json.loads(self._path.read_text(encoding="utf-8")))
        except (FileNotFoundError, ValueError, TypeError):
            return None

    def save(self, session: KeptSession) -> None:
        """Keep a session in place of the one before: all of it or, when interrupted, that one."""
        self._make_room()
        draft = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        draft.unlink(missing_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(asdict(session), file)
        draft.replace(self._path)

    def forget(self) -> None:
        """Keep none."""
        self._path.unlink(missing_ok=True)

    @asynccontextmanager
    async def exclusive(self) -> AsyncIterator[None]:
        """Hold a lock beside the file: two commands with one refresh token would look like a stolen one."""
        self._make_room()
        descriptor = os.open(self._path.with_name(self._path.name + ".lock"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            await asyncio.to_thread(fcntl.flock, descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _make_room(self) -> None:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
