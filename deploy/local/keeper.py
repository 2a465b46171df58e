"""Starts again what dies, as Kubernetes does in production."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from deploy.local.process import Process, StartError
from deploy.local.supervisor import Supervisor

__all__ = ["Keeper"]

_LOOK_EVERY = 0.25
_FIRST_PAUSE = 0.25
_LONGEST_PAUSE = 10.0
_PROVEN_SECONDS = 30.0


@dataclass
class _Record:
    """How a process has behaved: when it may be started again, and how long to wait the next time."""

    pause: float = _FIRST_PAUSE
    due: float | None = None
    started: float = 0.0


class Keeper:
    """Watches a supervisor's processes from a thread of its own; one that keeps dying waits longer and longer."""

    def __init__(self, supervisor: Supervisor, report: Callable[[str], None]) -> None:
        self._supervisor = supervisor
        self._report = report
        self._records: dict[str, _Record] = {}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="keeper", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def stop(self) -> None:
        """Watch no more; from here on the dead stay dead."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def _watch(self) -> None:
        while not self._stopping.wait(_LOOK_EVERY):
            for process in self._supervisor.processes:
                if not process.alive:
                    self._mourn(process)

    def _mourn(self, process: Process) -> None:
        name = process.command.name
        record = self._records.setdefault(name, _Record())
        now = time.monotonic()
        if record.due is None:
            if now - record.started > _PROVEN_SECONDS:
                record.pause = _FIRST_PAUSE
            record.due = now + record.pause
            record.pause = min(2 * record.pause, _LONGEST_PAUSE)
            self._report(f"{name} ended with {process.exit_code}; {process.log} says why")
        elif now >= record.due:
            record.due = None
            record.started = now
            self._revive(name)

    def _revive(self, name: str) -> None:
        try:
            self._supervisor.restart(name)
        except (StartError, KeyError):
            return  # it was stopped in the meantime, on purpose
        self._report(f"{name} was started again")
