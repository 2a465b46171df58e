"""One child process: its log, its readiness, its end."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from deploy.local.errors import StackError
from deploy.local.waiting import until

__all__ = ["Account", "Command", "Process", "StartError", "sweep"]

_LAUNCHER = Path(__file__).with_name("launcher.py")
_TAIL_LINES = 25
_LOG_LIMIT = 16 * 1024 * 1024
_SWEEP_SECONDS = 5.0

# Linux sends the death signal when the *thread* that forked ends. All forks therefore happen in one thread that
# lives as long as the supervisor; a pool's thread that ends after start-up would take its children with it.
_FORKS = ThreadPoolExecutor(max_workers=1, thread_name_prefix="forks")


class StartError(StackError):
    """A process did not come up, or did not do its work; the message carries the tail of its log."""


@dataclass(frozen=True)
class Account:
    """The user a process runs as, where that is not the supervisor's own."""

    uid: int
    gid: int


@dataclass(frozen=True)
class Command:
    """What to run, and how to ask it to stop."""

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str]
    cwd: Path
    account: Account | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    grace_seconds: float = 10.0


class Process:
    """A child in a session of its own, which ends when the supervisor ends, however that happens."""

    def __init__(self, command: Command, logs: Path, run: Path) -> None:
        self.command = command
        self.log = logs / f"{command.name}.log"
        self._pid_file = run / f"{command.name}.pid"
        self._child: subprocess.Popen[bytes] | None = None
        self._group: int | None = None
        self._log_start = 0
        self._started_at = 0.0
        self.ready_seconds: float | None = None
        """How long the last start that was waited for took."""

    @property
    def pid(self) -> int | None:
        """The process id, None before the first start."""
        return self._child.pid if self._child else None

    @property
    def exit_code(self) -> int | None:
        """How it ended (minus the signal's number where a signal ended it), None while it runs."""
        return self._child.poll() if self._child else None

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._child is not None and self._child.poll() is None

    def start(self) -> None:
        """Start it; ready is another matter."""
        self._turn_log()
        self._started_at = time.monotonic()
        self._child = _FORKS.submit(self._fork).result()
        self._group = self._child.pid
        _record(self._pid_file, self._child.pid, self.command.stop_signal)

    def wait_ready(self, condition: Callable[[], bool], seconds: float) -> None:
        """Wait until the condition holds; a process that dies first, or is too slow, raises StartError."""
        if not until(lambda: not self.alive or condition(), seconds):
            raise self._failure(f"was not ready after {seconds:.0f} s")
        if not self.alive:
            raise self._failure(f"ended with {self.exit_code} before it was ready")
        self.ready_seconds = time.monotonic() - self._started_at

    def wait_done(self, seconds: float) -> None:
        """Wait for a process that does one thing and ends; anything but success raises StartError."""
        finished = until(lambda: not self.alive, seconds)
        code = self.exit_code
        self.stop()
        if not finished:
            raise self._failure(f"had not finished after {seconds:.0f} s")
        if code != 0:
            raise self._failure(f"ended with {code}")

    def stop(self) -> None:
        """Ask it to stop, insist after the grace, and leave nothing of its group behind."""
        if self._child is None:
            return
        if self.alive:
            self._child.send_signal(self.command.stop_signal)
            until(lambda: not self.alive, self.command.grace_seconds)
        self.kill()
        self._pid_file.unlink(missing_ok=True)

    def kill(self) -> None:
        """End it and its group at once, without asking."""
        if self._child is None or self._group is None:
            return
        _kill_group(self._group)
        self._child.wait()
        self._group = None  # the number may be somebody else's from now on

    def log_tail(self) -> str:
        """The last lines that the present run wrote."""
        with self.log.open("rb") as log:
            log.seek(self._log_start)
            lines = log.read().decode(errors="replace").splitlines()
        return "\n".join(lines[-_TAIL_LINES:])

    def peak_memory_bytes(self) -> int:
        """The most resident memory that the process itself has held so far; 0 when it does not run."""
        try:
            status = Path(f"/proc/{self.pid}/status").read_text()
        except OSError:
            return 0
        kib = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")]
        return int(kib[0]) * 1024 if kib else 0

    def _fork(self) -> subprocess.Popen[bytes]:
        account = self.command.account
        user = (str(account.uid), str(account.gid)) if account else ("-", "-")
        bond = (str(os.getpid()), str(int(self.command.stop_signal)))
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-I", "-S", str(_LAUNCHER), *bond, *user, *self.command.argv],
                env=dict(self.command.env),
                cwd=self.command.cwd,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _turn_log(self) -> None:
        if self.log.exists() and self.log.stat().st_size > _LOG_LIMIT:
            self.log.replace(self.log.with_suffix(".log.1"))
        self.log.touch(mode=0o600)
        self._log_start = self.log.stat().st_size

    def _failure(self, what: str) -> StartError:
        tail = self.log_tail() or "(it wrote nothing)"
        return StartError(f"{self.command.name} {what}; {self.log} ends with:\n{tail}")


def sweep(run: Path) -> None:
    """End what a killed supervisor left behind: every living process that a pid file in `run` names.

    Call it with the home's lock held: then whatever lives belongs to a supervisor that does not.
    """
    leftovers = {path: _recorded(path) for path in run.glob("*.pid")}
    living = [entry for entry in leftovers.values() if entry and entry.lives()]
    for entry in living:
        entry.send(entry.stop_signal)
    until(lambda: not any(entry.lives() for entry in living), _SWEEP_SECONDS)
    for entry in living:
        if entry.lives():
            _kill_group(entry.pid)
    until(lambda: not any(entry.lives() for entry in living), _SWEEP_SECONDS)
    for path in leftovers:
        path.unlink(missing_ok=True)


@dataclass(frozen=True)
class _Recorded:
    """A process as its pid file names it; by the start time it is told from a stranger with the same id."""

    pid: int
    started: int
    stop_signal: int

    def lives(self) -> bool:
        return _start_time(self.pid) == self.started

    def send(self, signal_number: int) -> None:
        try:
            os.kill(self.pid, signal_number)
        except ProcessLookupError:
            return


def _record(path: Path, pid: int, stop_signal: signal.Signals) -> None:
    started = _start_time(pid)
    path.write_text(json.dumps({"pid": pid, "started": started, "stop_signal": int(stop_signal)}))


def _recorded(path: Path) -> _Recorded | None:
    try:
        entry = json.loads(path.read_text())
        return _Recorded(int(entry["pid"]), int(entry["started"]), int(entry["stop_signal"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None  # the supervisor was killed while it wrote


def _start_time(pid: int) -> int | None:
    """When a process started, in clock ticks since boot; None where there is none, or only a zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    # The second field is the program's name in brackets and may hold spaces: count from behind it.
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] == "Z" else int(fields[19])


def _kill_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
