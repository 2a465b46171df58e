"""Who is in the mesh: the services, what each may say on the bus, and the processes they run as."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

__all__ = ["PROCESSES", "SERVICES", "SERVICE_NAMES", "ProcessSpec", "Service"]

Verb = Literal["serve", "work"]


@dataclass(frozen=True)
class Service:
    """A service, as the backing servers know it."""

    name: str
    aggregates: tuple[str, ...] = ()
    """Whose facts it publishes: `events.<aggregate>.>`."""
    objects: bool = False
    """Whether it holds keys to the object store."""
    publishes: tuple[str, ...] = ()
    """Subjects besides its facts, its own doorbell and progress."""


SERVICES: tuple[Service, ...] = (
    Service("auth", aggregates=("user",)),
    Service("ingest", aggregates=("track", "import"), objects=True),
    Service("separation", aggregates=("separation",), objects=True),
    Service("mir", aggregates=("analysis",), objects=True),
    Service("fusion", aggregates=("fusion",), objects=True),
    # What an operator has tried again: doorbells, which carry no more than a job's id, and facts by their number.
    Service("gateway", publishes=("view.>", "requeue.>", "jobs.>")),
)

SERVICE_NAMES: tuple[str, ...] = tuple(service.name for service in SERVICES)


@dataclass(frozen=True)
class ProcessSpec:
    """A process of a service. `{home}` in a setting stands for the home's directory."""

    service: str
    verb: Verb
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What its log, its pid file and its ports are called: `mir-work`."""
        return f"{self.service}-{self.verb}"

    @property
    def ports(self) -> tuple[str, ...]:
        """The names of the ports it listens on: a server for calls, every process for metrics and health."""
        return (f"{self.name}.grpc", f"{self.name}.http") if self.verb == "serve" else (f"{self.name}.http",)


_SEPARATION = {
    "PUREMUSIC_SEPARATION_WEIGHTS_DIR": "{home}/weights",
    "PUREMUSIC_SEPARATION_DEVICE": "auto",
    "PUREMUSIC_SEPARATION_CORE": "openvino",
}

PROCESSES: tuple[ProcessSpec, ...] = (
    ProcessSpec("auth", "serve", {"PUREMUSIC_SEALING_KEY_FILE": "{home}/secrets/sealing-key"}),
    ProcessSpec("gateway", "serve"),
    ProcessSpec("ingest", "serve"),
    ProcessSpec("separation", "serve", _SEPARATION),
    ProcessSpec("mir", "serve"),
    ProcessSpec("fusion", "serve"),
    ProcessSpec("separation", "work", _SEPARATION),
    # A numba cache of its own: two processes must not share one that either may leave half-written.
    ProcessSpec(
        "mir",
        "work",
        {"NUMBA_CACHE_DIR": "{home}/cache/mir-work", "PUREMUSIC_MIR_WEIGHTS_DIR": "{home}/weights/mir"},
    ),
    ProcessSpec("ingest", "work"),
    ProcessSpec("fusion", "work"),
)
