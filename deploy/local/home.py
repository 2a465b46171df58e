"""The directory everything of one stack lies in, and what is remembered there between two starts."""

import base64
import fcntl
import json
import os
import secrets
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from types import TracebackType
from typing import Self

from deploy.local.errors import StackError
from deploy.local.process import sweep

__all__ = ["Home", "HomeError", "Secret", "State", "random_key", "random_password"]


class HomeError(StackError):
    """The home cannot be used; the message says what to do."""


@dataclass(frozen=True)
class Secret:
    """A secret and the file (mode 0600) that it is kept in; shown nowhere."""

    path: Path
    value: str = field(repr=False)


@dataclass
class State:
    """What a start remembers of the one before."""

    ports: dict[str, int] = field(default_factory=dict)
    migrated: dict[str, str] = field(default_factory=dict)
    """By service: the fingerprint of the migrations that its schema has been through."""


def random_password() -> str:
    """A password of 192 bits in letters that need no quoting anywhere."""
    return secrets.token_urlsafe(24)


def random_key() -> str:
    """A key of 32 bytes, in URL-safe base64."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


class Home:
    """A home in use, by one supervisor at a time: entering locks it and ends what a killed one left running."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.logs = self.root / "logs"
        self.run = self.root / "run"
        self.secrets = self.root / "secrets"
        self.cache = self.root / "cache"
        self.state = State()
        self._lock: int | None = None
        self._writing = threading.Lock()

    def __enter__(self) -> Self:
        self._build()
        self._take_lock()
        try:
            self.read()
            sweep(self.run)
        except BaseException:
            self._release_lock()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._release_lock()

    def directory(self, name: str) -> Path:
        """A directory of the home's, made when missing."""
        path = self.root / name
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        return path

    def secret(self, name: str, make: Callable[[], str] = random_password) -> Secret:
        """The secret of that name, made at its first use."""
        path = self.secrets / name
        if not path.exists():
            _write_private(path, make())
        return Secret(path, path.read_text())

    def read(self) -> None:
        """Read the state as it was saved last."""
        self.state = self._load()

    def save(self) -> None:
        """Remember the state; all of it or, when interrupted, the one before."""
        with self._writing:
            _write_private(self.root / "state.json", json.dumps(asdict(self.state), indent=2) + "\n")

    def _build(self) -> None:
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        owner = self.root.stat().st_uid
        if owner != os.geteuid():
            raise HomeError(f"{self.root} belongs to user {owner}: start as them, or choose another home")
        # Root's Postgres runs as another user and has to pass through here; nobody may look around.
        self.root.chmod(0o711 if os.geteuid() == 0 else 0o700)
        for path in (self.logs, self.run, self.secrets, self.cache):
            path.mkdir(mode=0o700, exist_ok=True)

    def _take_lock(self) -> None:
        lock = os.open(self.root / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            raise HomeError(f"{self.root} is in use by another `puremusic` stack on this machine") from None
        self._lock = lock

    def _release_lock(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _load(self) -> State:
        path = self.root / "state.json"
        if not path.exists():
            return State()
        try:
            kept = json.loads(path.read_text())
            # What another version of PureMusic remembered besides is of no use to this one, and no hindrance.
            return State(**{each.name: kept[each.name] for each in fields(State) if each.name in kept})
        except (ValueError, TypeError) as error:
            raise HomeError(f"{path} cannot be read ({error}): delete it to have ports chosen anew") from error


def _write_private(path: Path, text: str) -> None:
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
