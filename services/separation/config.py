"""Everything separation can be told from outside."""

from dataclasses import dataclass
from pathlib import Path

from chassis.config import section, setting
from chassis.deletion_cost import PodConfig
from chassis.identity import TokenConfig
from chassis.jetstream import BusConfig
from chassis.jobs import JobConfig
from chassis.objects import ObjectStoreConfig
from chassis.postgres import PostgresConfig
from chassis.scratch import ScratchConfig
from chassis.server import ListenConfig
from chassis.telemetry import TelemetryConfig
from services.separation.engine.cpu_core import CpuCore
from services.separation.engine.precision import Precision
from services.separation.engine.registry import DEFAULT_MODEL

SERVICE = "separation"
MIGRATIONS = Path(__file__).parent / "migrations"


@dataclass(frozen=True)
class ModelConfig:
    """Which models there are, and who works with them."""

    weights_dir: str = setting(
        "SEPARATION_WEIGHTS_DIR", "folder of the models' weights; `make weights` fills it", ".puremusic/weights"
    )
    default_model: str = setting("SEPARATION_DEFAULT_MODEL", "the model of a request that names none", DEFAULT_MODEL)
    pool: str = setting("SEPARATION_POOL", "pool of workers that separate; its doorbells ring for them alone", "gpu")


@dataclass(frozen=True)
class DeviceConfig:
    """What a worker computes with."""

    device: str = setting(
        "SEPARATION_DEVICE", "auto, cpu, cuda, cuda:<n> or mps; one that is missing is an error", "auto"
    )
    threads: int = setting("SEPARATION_THREADS", "threads of torch on the CPU; 0: torch's own choice", 0)
    core: CpuCore = setting(
        "SEPARATION_CORE",
        "torch or openvino: what computes HTDemucs on a CPU; openvino has to be installed",
        CpuCore.TORCH,
    )
    precision: Precision = setting(
        "SEPARATION_PRECISION", "fp32, tf32, fp16 or bf16: what a GPU multiplies in; a CPU does in fp32", Precision.FP16
    )
    batch_sizes: tuple[int, ...] = setting(
        "SEPARATION_BATCH_SIZES",
        "windows a GPU computes at once, with commas; with one size results do not depend on the load",
        (8,),
    )
    jobs_at_once: int = setting(
        "SEPARATION_JOBS_AT_ONCE", "tracks a worker works on at once; 0: 1 on a CPU, 4 on a GPU", 0
    )
    model_memory_mb: int = setting(
        "SEPARATION_MODEL_MEMORY_MB", "megabytes of weights that stay loaded; beyond, the least recently used go", 1024
    )


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
    scratch: ScratchConfig = section(ScratchConfig)
    models: ModelConfig = section(ModelConfig)
    ingest_address: str = setting("INGEST_ADDRESS", "host:port of ingest's gRPC server")
    garbage_grace_seconds: float = setting(
        "GARBAGE_GRACE_SECONDS", "age below which the collector spares objects", 86400.0
    )


@dataclass(frozen=True)
class SeparatingConfig:
    """How a worker separates."""

    segment_seconds: float = setting(
        "SEPARATION_SEGMENT_SECONDS",
        "least seconds between two segments, which are what a killed worker's job goes on from and what is playable early",
        4.0,
    )
    share_across_users: bool = setting(
        "SEPARATION_SHARE_ACROSS_USERS",
        "compute the same audio once for all users instead of once per user; an instant answer then tells that somebody has"
        " the song",
        False,
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
    models: ModelConfig = section(ModelConfig)
    device: DeviceConfig = section(DeviceConfig)
    separating: SeparatingConfig = section(SeparatingConfig)
    pod: PodConfig = section(PodConfig)
