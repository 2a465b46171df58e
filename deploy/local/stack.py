"""The whole mesh on one machine: backing servers, schemas, services, workers, Envoy."""

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from pathlib import Path
from types import TracebackType
from typing import Self

from deploy.local import environment
from deploy.local.backing import SERVERS, Backing, Server
from deploy.local.envoy import start_envoy, validate_envoy
from deploy.local.home import Home, random_key
from deploy.local.keeper import Keeper
from deploy.local.mesh import PROCESSES, ProcessSpec
from deploy.local.migrations import fingerprint
from deploy.local.ports import LOOPBACK, USUAL_BACKING_PORTS, assign
from deploy.local.process import Command, Process
from deploy.local.settings import ENVOY_ADMIN, PUBLIC, Surroundings, mesh_ports
from deploy.local.supervisor import Supervisor
from deploy.local.waiting import answers_ok

__all__ = ["Bootstrap", "Mesh"]

Bootstrap = Callable[[Mapping[str, int]], str]
"""Makes Envoy's bootstrap from the ports by name: `public`, `envoy.admin`, `s3`, `auth-serve.grpc`, ..."""

_ROOT = Path(__file__).resolve().parents[2]
_MIGRATE_SECONDS = 120.0
_READY_SECONDS = 120.0
_SERVICE_GRACE = 8.0


def _say_nothing(_: str) -> None:
    return


def _wait_all(everything: Sequence[Future[None]]) -> None:
    done, _ = wait(everything, return_when=FIRST_EXCEPTION)
    for future in done:
        future.result()


class Mesh:
    """PureMusic as a context: inside it clients are served, and what dies is started again.

    Workers are started, but not waited for: jobs are taken from the first moment on and wait for them. What keeps a
    worker from its work (weights that were not fetched) is reported, and the rest goes on.

    `public_port` is taken or refused; without it the remembered, the usual or a free one. `package` is where the
    services are found.
    """

    surroundings: Surroundings

    def __init__(
        self,
        home: Home,
        bootstrap: Bootstrap,
        *,
        public_port: int | None = None,
        prefer_usual_ports: bool = True,
        processes: Sequence[ProcessSpec] = PROCESSES,
        package: str = "services",
        report: Callable[[str], None] = _say_nothing,
    ) -> None:
        self.home = home
        self.supervisor = Supervisor(home)
        self.seconds = 0.0
        self._workers: list[Future[None]] = []
        self._bootstrap = bootstrap
        self._demanded = {} if public_port is None else {PUBLIC: public_port}
        self._specs = tuple(processes)
        self._package = package
        self._report = report
        self._usual = mesh_ports(self._specs) if prefer_usual_ports else {}
        self.backing = Backing(home, self.supervisor, prefer=USUAL_BACKING_PORTS if prefer_usual_ports else {})
        self._keeper = Keeper(self.supervisor, report)
        self._pool = ThreadPoolExecutor(2 * len(self._specs) + 4, thread_name_prefix="mesh")

    @property
    def url(self) -> str:
        """Where clients find PureMusic."""
        return self.surroundings.public_url

    @property
    def start_seconds(self) -> dict[str, float]:
        """How long each process took to be ready, by name."""
        processes = self.supervisor.processes
        return {each.command.name: each.ready_seconds for each in processes if each.ready_seconds is not None}

    @property
    def peak_memory_bytes(self) -> dict[str, int]:
        """The most memory that each process has held so far, by name."""
        return {each.command.name: each.peak_memory_bytes() for each in self.supervisor.processes}

    def __enter__(self) -> Self:
        begun = time.monotonic()
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        self.seconds = time.monotonic() - begun
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def wait_workers(self) -> None:
        """Return when every worker is ready; raise StartError where one is not."""
        _wait_all(self._workers)

    def stop(self) -> None:
        """Stop everything: first the door, then who works behind it, then what they work with."""
        self._keeper.stop()
        self.supervisor.close()
        self.supervisor.stop(["envoy"])
        names = [process.command.name for process in self.supervisor.processes]
        self.supervisor.stop(name for name in names if name not in SERVERS)
        self.backing.stop()
        self._pool.shutdown(wait=True)

    def _start(self) -> None:
        mesh = self._choose_ports()
        self.backing.start(avoid=mesh.values())
        self.home.secret("sealing-key", random_key)
        ports = {**self.backing.ports, **mesh}
        self.surroundings = Surroundings(self.home, ports, self.backing.postgres, self.backing.nats, self.backing.s3)
        _wait_all(self._start_servers(ports))
        # Only now: numba and torch at work would double the time until a client is served, and jobs can wait.
        self._workers = self._start_workers()
        self._keeper.start()

    def _choose_ports(self) -> dict[str, int]:
        ports = assign(mesh_ports(self._specs), self._usual, self.home.state.ports, demanded=self._demanded)
        self.home.state.ports.update(ports)
        self.home.save()
        return ports

    def _start_servers(self, ports: Mapping[str, int]) -> list[Future[None]]:
        """Begin all that clients need at once; each waits for what it needs and for nothing else."""
        submit = self._pool.submit
        migrated = {name: submit(self._migrate, name) for name in {spec.service for spec in self._specs}}
        serving = {
            spec.name: submit(self._run, spec, migrated[spec.service]) for spec in self._specs if spec.verb == "serve"
        }
        envoy = submit(self._open_door, ports, serving.get("auth-serve"))
        backing = [submit(self._await_server, server) for server in SERVERS]
        return [*migrated.values(), *serving.values(), envoy, *backing]

    def _start_workers(self) -> list[Future[None]]:
        workers = [self._pool.submit(self._run, spec) for spec in self._specs if spec.verb == "work"]
        for worker in workers:
            worker.add_done_callback(self._tell_failure)
        return workers

    def _tell_failure(self, worker: Future[None]) -> None:
        if (failure := worker.exception()) and not self.supervisor.closed:
            self._report(str(failure))

    def _await_server(self, server: Server) -> None:
        self.backing.wait_ready(server)
        self._report_ready(self.supervisor.process(server))

    def _migrate(self, service: str) -> None:
        self.backing.wait_ready("postgres")
        head = fingerprint(f"{self._package}.{service}")
        if head is None or self.home.state.migrated.get(service) == head:
            return
        spec = next(spec for spec in self._specs if spec.service == service)
        self.supervisor.run(self._command(spec, "migrate"), _MIGRATE_SECONDS)
        self.home.state.migrated[service] = head
        self.home.save()

    def _run(self, spec: ProcessSpec, migrated: Future[None] | None = None) -> None:
        self.backing.wait_ready("postgres", "nats")
        if migrated is not None:
            migrated.result()
        process = self.supervisor.start(self._command(spec, spec.verb))
        port = self.surroundings.ports[f"{spec.name}.http"]
        process.wait_ready(lambda: answers_ok(LOOPBACK, port, "/ready"), _READY_SECONDS)
        self._report_ready(process)

    def _open_door(self, ports: Mapping[str, int], auth: Future[None] | None) -> None:
        path = self.home.run / "envoy.yaml"
        path.write_text(self._bootstrap(ports))
        validate_envoy(self.supervisor, self.home, path)
        if auth is not None:
            # Envoy fetches the signing keys when it starts; a fetch that fails is not repeated for a while.
            auth.result()
        self._report_ready(start_envoy(self.supervisor, self.home, path, ports[ENVOY_ADMIN]))

    def _report_ready(self, process: Process) -> None:
        self._report(f"{process.command.name} is ready after {process.ready_seconds:.1f} s")

    def _command(self, spec: ProcessSpec, verb: str) -> Command:
        return Command(
            name=f"{spec.service}-{verb}",
            argv=(sys.executable, "-m", f"{self._package}.{spec.service}", verb),
            env=environment.for_service(self.surroundings.settings(spec)),
            cwd=_ROOT,
            grace_seconds=_SERVICE_GRACE,
        )
