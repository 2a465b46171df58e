"""Ingest as it runs: its server and its worker as processes of their own, on real backing servers."""

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from deploy.local import environment
from deploy.local.facts import NatsFacts, PostgresFacts, S3Facts
from deploy.local.ports import assign
from deploy.local.process import Command, Process
from deploy.local.waiting import answers_ok
from tests.integration.ingest.keyring import Keyring
from tests.servers.backing import object_client

ROOT = Path(__file__).parents[3]
BUCKET = "ingest-tests"
START_SECONDS = 30.0

MAX_FILE_BYTES = 24_000_000
MAX_SECONDS = 120
TRACKS_PER_USER = 5
BYTES_PER_USER = 50_000_000
LEASE_SECONDS = 2.0

# Small enough that tests reach every limit, and quick enough that nobody waits for what is lost.
_SETTINGS = {
    "INGEST_MAX_FILE_BYTES": MAX_FILE_BYTES,
    "INGEST_MAX_SECONDS": MAX_SECONDS,
    "INGEST_TRACKS_PER_USER": TRACKS_PER_USER,
    "INGEST_BYTES_PER_USER": BYTES_PER_USER,
    "INGEST_JANITOR_SECONDS": 0.2,
    "JOB_LEASE_SECONDS": LEASE_SECONDS,
    "JOB_SWEEP_SECONDS": 0.3,
    "GRACE_SECONDS": 0,
    "DRAIN_SECONDS": 5,
    "S3_BUCKET": BUCKET,
}


@dataclass(frozen=True)
class House:
    """Where ingest is, and the processes it consists of."""

    keyring: Keyring
    postgres: PostgresFacts
    nats: NatsFacts
    s3: S3Facts
    address: str
    scratch: Path
    server: Process
    worker: Process
    worker_port: int

    def start_worker(self) -> None:
        """Start the worker (again)."""
        self.worker.start()
        self.worker.wait_ready(lambda: answers_ok("127.0.0.1", self.worker_port, "/ready"), START_SECONDS)

    def execute(self, statement: str, *values: object) -> int:
        """Do to the database what no RPC does: let time pass, break something. Returns how many rows that touched."""
        with psycopg.connect(self.postgres.url_with_password("ingest")) as connection:
            return connection.execute(statement.encode(), values).rowcount

    def objects(self, owner_id: str) -> list[str]:
        """The keys of all objects that are stored for a user."""
        found = object_client(self.s3).list_objects(BUCKET, prefix=f"ingest/{owner_id}/", recursive=True)
        return [str(item.object_name) for item in found]

    def log(self) -> str:
        """What both processes have written."""
        return self.server.log.read_text() + self.worker.log.read_text()


@contextmanager
def opened(folder: Path, postgres: PostgresFacts, nats: NatsFacts, s3: S3Facts) -> Iterator[House]:
    """Migrate ingest's schema and run its two processes."""
    keyring = Keyring()
    client = object_client(s3)
    if not client.bucket_exists(BUCKET):
        client.make_bucket(BUCKET)
    ports = assign(("grpc", "serve", "work"), {}, {})
    scratch = folder / "scratch"
    with keyring.published() as jwks_url:
        common = {**_surroundings(postgres, nats, s3), "SCRATCH_DIR": str(scratch), "JWKS_URL": jwks_url}
        serving = common | {"LISTEN": _local(ports["grpc"]), "HTTP_LISTEN": _local(ports["serve"])}
        migration = _process(folder, "migrate", serving)
        migration.start()
        migration.wait_done(START_SECONDS)
        server = _process(folder, "serve", serving)
        worker = _process(folder, "work", common | {"HTTP_LISTEN": _local(ports["work"])})
        house = House(
            keyring, postgres, nats, s3, _local(ports["grpc"]), scratch, server, worker, worker_port=ports["work"]
        )
        try:
            server.start()
            house.start_worker()
            server.wait_ready(lambda: answers_ok("127.0.0.1", ports["serve"], "/ready"), START_SECONDS)
            yield house
        finally:
            worker.stop()
            server.stop()


def _local(port: int) -> str:
    return f"127.0.0.1:{port}"


def _surroundings(postgres: PostgresFacts, nats: NatsFacts, s3: S3Facts) -> dict[str, str]:
    return {
        "POSTGRES_URL": postgres.url("ingest"),
        "POSTGRES_PASSWORD": postgres.password("ingest"),
        "NATS_URL": nats.url,
        "NATS_USER": "ingest",
        "NATS_PASSWORD": nats.password("ingest"),
        "S3_ENDPOINT": s3.endpoint,
        "S3_PUBLIC_ENDPOINT": s3.endpoint,
        "S3_REGION": s3.region,
        "S3_ACCESS_KEY": s3.access_key.value,
        "S3_SECRET_KEY": s3.secret_key.value,
    }


def _process(folder: Path, verb: str, settings: Mapping[str, str]) -> Process:
    told = {f"PUREMUSIC_{name}": str(value) for name, value in {**_SETTINGS, **settings}.items()}
    command = Command(
        name=f"ingest-{verb}",
        argv=(sys.executable, "-m", "services.ingest", verb),
        env=environment.for_service(told),
        cwd=ROOT,
    )
    return Process(command, folder, folder)


def lines(log: str) -> list[dict[str, object]]:
    """The lines of a log."""
    return [json.loads(line) for line in log.splitlines() if line.startswith("{")]
