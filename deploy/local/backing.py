"""The backing servers: Postgres, NATS and S3, started at the same time."""

from collections.abc import Collection, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Literal, Self

from deploy.local.facts import NatsFacts, PostgresFacts, S3Facts
from deploy.local.home import Home
from deploy.local.mesh import SERVICE_NAMES, SERVICES
from deploy.local.nats import nats_facts, start_nats
from deploy.local.ports import USUAL_BACKING_PORTS, assign
from deploy.local.postgres import postgres_facts, start_postgres
from deploy.local.seaweed import remove_sockets, s3_facts, start_seaweed
from deploy.local.supervisor import Supervisor

__all__ = ["SERVERS", "Backing", "Server"]

Server = Literal["postgres", "nats", "s3"]

SERVERS: tuple[Server, ...] = ("postgres", "nats", "s3")


class Backing:
    """The three servers of a home, as a context: inside it they run, and how to connect to them is known.

    `prefer` names the ports to try where the home remembers none.
    """

    postgres: PostgresFacts
    nats: NatsFacts
    s3: S3Facts

    def __init__(
        self,
        home: Home,
        supervisor: Supervisor | None = None,
        *,
        prefer: Mapping[str, int] = USUAL_BACKING_PORTS,
    ) -> None:
        self.home = home
        self.supervisor = supervisor or Supervisor(home)
        self.ports: dict[str, int] = {}
        self._prefer = prefer
        self._pool = ThreadPoolExecutor(len(SERVERS), thread_name_prefix="backing")
        self._ready: dict[Server, Future[None]] = {}

    def start(self, *, avoid: Collection[int] = ()) -> None:
        """Choose the ports, set all three servers going and return at once; `wait_ready` waits for them.

        Ports to `avoid` are spoken for, if not in use yet.
        """
        self.ports = assign(USUAL_BACKING_PORTS, self._prefer, self.home.state.ports, avoid=avoid)
        self.home.state.ports.update(self.ports)
        self.home.save()
        self.postgres = postgres_facts(self.home, self.ports["postgres"], SERVICE_NAMES)
        self.nats = nats_facts(self.home, self.ports["nats"], self.ports["nats.monitor"], SERVICES)
        self.s3 = s3_facts(self.home, self.ports["s3"])
        common = (self.supervisor, self.home)
        self._ready = {
            "postgres": self._pool.submit(start_postgres, *common, self.postgres),
            "nats": self._pool.submit(start_nats, *common, self.nats, SERVICES),
            "s3": self._pool.submit(start_seaweed, *common, self.ports, self.s3),
        }

    def wait_ready(self, *servers: Server) -> None:
        """Return when these servers (all, when none is named) are ready; raise what kept one from it."""
        for server in servers or SERVERS:
            self._ready[server].result()

    def stop(self) -> None:
        """Stop whatever runs; nothing starts any more."""
        self.supervisor.close()
        self.supervisor.stop(process.command.name for process in self.supervisor.processes)
        # A server that was still on its way finds its process gone and gives up.
        self._pool.shutdown(wait=True)
        remove_sockets(self.ports)

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
