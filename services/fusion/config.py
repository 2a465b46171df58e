"""Everything fusion can be told from outside."""

from dataclasses import dataclass
from pathlib import Path

from chassis.config import section, setting
from chassis.identity import TokenConfig
from chassis.jetstream import BusConfig
from chassis.jobs import JobConfig
from chassis.objects import ObjectStoreConfig
from chassis.postgres import PostgresConfig
from chassis.scratch import ScratchConfig
from chassis.server import ListenConfig
from chassis.telemetry import TelemetryConfig

SERVICE = "fusion"
POOL = "cpu"
MIGRATIONS = Path(__file__).parent / "migrations"


@dataclass(frozen=True)
class StoreConfig:
    """What `migrate` is told: it needs nothing but the database."""

    postgres: PostgresConfig = section(PostgresConfig)


@dataclass(frozen=True)
class ServeConfig:
    """Of the server."""

    listen: ListenConfig = section(ListenConfig)
    telemetry: TelemetryConfig = section(TelemetryConfig)
    postgres: PostgresConfig = section(PostgresConfig)
    bus: BusConfig = section(BusConfig)
    tokens: TokenConfig = section(TokenConfig)
    jobs: JobConfig = section(JobConfig)
    objects: ObjectStoreConfig = section(ObjectStoreConfig)
    separation_address: str = setting("SEPARATION_ADDRESS", "host:port of separation's gRPC server")
    ingest_address: str = setting("INGEST_ADDRESS", "host:port of ingest's gRPC server")
    mir_address: str = setting("MIR_ADDRESS", "host:port of mir's gRPC server")
    garbage_grace_seconds: float = setting(
        "GARBAGE_GRACE_SECONDS", "age below which the collector spares objects", 86400.0
    )


@dataclass(frozen=True)
class WorkConfig:
    """Of the worker."""

    listen: ListenConfig = section(ListenConfig)
    telemetry: TelemetryConfig = section(TelemetryConfig)
    postgres: PostgresConfig = section(PostgresConfig)
    bus: BusConfig = section(BusConfig)
    jobs: JobConfig = section(JobConfig)
    objects: ObjectStoreConfig = section(ObjectStoreConfig)
    scratch: ScratchConfig = section(ScratchConfig)
    concurrency: int = setting("WORKER_CONCURRENCY", "jobs a worker does at once", 1)
