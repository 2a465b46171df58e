"""Everything ingest can be told from outside."""

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
from services.ingest.decoding import Limits

SERVICE = "ingest"
POOL = "cpu"
MIGRATIONS = Path(__file__).parent / "migrations"

_DEFAULTS = Limits()


@dataclass(frozen=True)
class FileConfig:
    """What a user's file may be at most, and what reading it may cost."""

    max_bytes: int = setting("INGEST_MAX_FILE_BYTES", "bytes an uploaded file may have", _DEFAULTS.max_bytes)
    max_seconds: float = setting("INGEST_MAX_SECONDS", "seconds a song may last", float(_DEFAULTS.max_seconds))
    min_seconds: float = setting("INGEST_MIN_SECONDS", "seconds a song must last", _DEFAULTS.min_seconds)
    wall_seconds: float = setting(
        "INGEST_DECODE_WALL_SECONDS", "seconds after which a decode is given up", float(_DEFAULTS.wall_seconds)
    )
    cpu_seconds: int = setting(
        "INGEST_DECODE_CPU_SECONDS", "processor seconds after which a decode is given up", _DEFAULTS.cpu_seconds
    )
    memory_bytes: int = setting(
        "INGEST_DECODE_MEMORY_BYTES", "address space that a decode may use", _DEFAULTS.memory_bytes
    )

    def limits(self) -> Limits:
        """Return the decoder's limits."""
        return Limits(
            max_bytes=self.max_bytes,
            max_seconds=self.max_seconds,
            min_seconds=self.min_seconds,
            max_frames=int(self.max_seconds * _DEFAULTS.max_sample_rate),
            wall_seconds=self.wall_seconds,
            cpu_seconds=self.cpu_seconds,
            memory_bytes=self.memory_bytes,
        )


@dataclass(frozen=True)
class QuotaConfig:
    """What one user may keep."""

    tracks: int = setting("INGEST_TRACKS_PER_USER", "tracks a user may keep", 200)
    storage_bytes: int = setting("INGEST_BYTES_PER_USER", "bytes of uploaded files a user may keep", 20_000_000_000)


@dataclass(frozen=True)
class JanitorConfig:
    """When what nobody will finish is removed."""

    upload_lifetime_seconds: float = setting(
        "INGEST_UPLOAD_LIFETIME_SECONDS", "age at which an upload that was not completed is removed", 86400.0
    )
    round_seconds: float = setting("INGEST_JANITOR_SECONDS", "seconds between rounds of the janitor", 60.0)


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
    file: FileConfig = section(FileConfig)
    quota: QuotaConfig = section(QuotaConfig)
    janitor: JanitorConfig = section(JanitorConfig)
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
    file: FileConfig = section(FileConfig)
    concurrency: int = setting("WORKER_CONCURRENCY", "jobs a worker does at once", 2)
