"""The backing servers: Postgres, NATS and S3, started at the same time."""

from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self, TypeVar

from deploy.local.facts import NatsFacts, PostgresFacts, S3Facts
from deploy.local.home import Home
from deploy.local.mesh import SERVICE_NAMES, SERVICES
from deploy.local.nats import start_nats
from deploy.local.ports import USUAL_BACKING_PORTS, assign
from deploy.local.postgres import start_postgres
from deploy.local.seaweed import remove_sockets, start_seaweed
from deploy.local.supervisor import Supervisor

__all__ = ["SERVERS", "Backing"]

SERVERS = ("postgres", "nats", "s3")

Facts = TypeVar("Facts", PostgresFacts, NatsFacts, S3Facts)


class Backing:
    """The three servers of a home, as a context: inside it they run, and how to connect to them is known.

    `prefer` names the ports to try where the home remembers none.
    """

    def __init__(self, home: Home, *, prefer: Mapping[str, int] = USUAL_BACKING_PORTS) -> None:
        self.home = home
        self.supervisor = Supervisor(home)
        self._prefer = prefer
        self._pool = ThreadPoolExecutor(len(SERVERS), thread_name_prefix="backing")
        self._postgres: Future[PostgresFacts]
        self._nats: Future[NatsFacts]
        self._s3: Future[S3Facts]

    @property
    def postgres(self) -> PostgresFacts:
        """How to connect to Postgres; waits until it is ready."""
        return self._postgres.result()

    @property
    def nats(self) -> NatsFacts:
        """How to connect to NATS; waits until it is ready."""
        return self._nats.result()

    @property
    def s3(self) -> S3Facts:
        """How to connect to the object store; waits until it is ready."""
        return self._s3.result()

    def start(self) -> None:
        """Set all three going and return at once; each property waits for its server."""
        ports = assign(USUAL_BACKING_PORTS, self._prefer, self.home.state.ports)
        self.home.state.ports.update(ports)
        self.home.save()
        self._postgres = self._begin(
            lambda: start_postgres(self.supervisor, self.home, ports["postgres"], SERVICE_NAMES)
        )
        self._nats = self._begin(
            lambda: start_nats(self.supervisor, self.home, ports["nats"], ports["nats.monitor"], SERVICES)
        )
        self._s3 = self._begin(lambda: start_seaweed(self.supervisor, self.home, ports))

    def wait_ready(self) -> None:
        """Return when all three are ready; raises what the first failure raised."""
        for server in (self._postgres, self._nats, self._s3):
            server.result()

    def stop(self) -> None:
        """Stop whatever runs; nothing starts any more."""
        self.supervisor.close()
        self.supervisor.stop(SERVERS)
        # A server that was still on its way finds its process gone and gives up.
        self._pool.shutdown(wait=True)
        self.supervisor.stop([process.command.name for process in self.supervisor.processes])
        remove_sockets(self.home.state.ports)

    def __enter__(self) -> Self:
        try:
            self.start()
            self.wait_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _begin(self, start: Callable[[], Facts]) -> Future[Facts]:
        return self._pool.submit(start)
