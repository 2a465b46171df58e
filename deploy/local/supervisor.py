"""The children of one stack: started under one roof, ended together."""

import threading
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

from deploy.local.home import Home
from deploy.local.process import Command, Process, StartError

__all__ = ["Supervisor"]


class Supervisor:
    """Starts processes for a home. Once it is closed it starts no more, whichever thread asks."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._processes: dict[str, Process] = {}
        self._closed = False
        self._starting = threading.Lock()

    def start(self, command: Command) -> Process:
        """Start a process, or start it again under the same name."""
        process = Process(command, self._home.logs, self._home.run)
        self._launch(process)
        return process

    def restart(self, name: str) -> Process:
        """Start a process that has ended again, as it was started before."""
        process = self.process(name)
        process.stop()
        self._launch(process)
        return process

    def run(self, command: Command, seconds: float) -> None:
        """Run a process to its end; anything but success raises StartError."""
        process = self.start(command)
        try:
            process.wait_done(seconds)
        finally:
            self._processes.pop(command.name, None)

    def process(self, name: str) -> Process:
        """The process of that name."""
        return self._processes[name]

    @property
    def closed(self) -> bool:
        """Whether it starts nothing any more."""
        return self._closed

    @property
    def processes(self) -> Sequence[Process]:
        """All that were started and not stopped."""
        return tuple(self._processes.values())

    def stop(self, names: Iterable[str]) -> None:
        """Stop these, all at the same time, and return when they are gone."""
        leaving = [self._processes.pop(name) for name in tuple(names) if name in self._processes]
        if leaving:
            with ThreadPoolExecutor(len(leaving)) as pool:
                list(pool.map(Process.stop, leaving))

    def close(self) -> None:
        """Start nothing any more."""
        with self._starting:
            self._closed = True

    def _launch(self, process: Process) -> None:
        with self._starting:
            if self._closed:
                raise StartError(f"{process.command.name} was not started: the stack is being stopped")
            process.start()
            self._processes[process.command.name] = process
