"""SeaweedFS: an S3 endpoint with one identity and one bucket."""

import io
import json
import signal
from collections.abc import Mapping
from pathlib import Path

import minio
import urllib3

from deploy.local import environment
from deploy.local.facts import S3Facts
from deploy.local.home import Home, random_key
from deploy.local.ports import LOOPBACK
from deploy.local.process import Command, Process, StartError
from deploy.local.programs import program
from deploy.local.supervisor import Supervisor

__all__ = ["BUCKET", "REGION", "remove_sockets", "s3_facts", "start_seaweed"]

BUCKET = "puremusic"
REGION = "us-east-1"

_START_SECONDS = 60.0
_PROBE = ".probe"

# Keys of SeaweedFS' parts among themselves. Without them whoever reaches a volume's port on this machine reads
# and writes objects without S3's keys.
_INNER_KEYS = {
    "WEED_JWT_SIGNING_KEY": "weed-volume-write",
    "WEED_JWT_SIGNING_READ_KEY": "weed-volume-read",
    "WEED_JWT_FILER_SIGNING_KEY": "weed-filer-write",
    "WEED_JWT_FILER_SIGNING_READ_KEY": "weed-filer-read",
}


def s3_facts(home: Home, port: int) -> S3Facts:
    """How the home's object store is reached; the keys are made at the first call."""
    return S3Facts(
        endpoint=f"http://{LOOPBACK}:{port}",
        region=REGION,
        bucket=BUCKET,
        access_key=home.secret("s3-access-key"),
        secret_key=home.secret("s3-secret-key"),
    )


def start_seaweed(supervisor: Supervisor, home: Home, ports: Mapping[str, int], facts: S3Facts) -> None:
    """Start the object store on the home's volumes and wait until an object can be written to its bucket."""
    remove_sockets(ports)
    process = supervisor.start(_command(home, ports, _write_identities(home, facts)))
    _wait_writable(process, facts)


def _write_identities(home: Home, facts: S3Facts) -> Path:
    path = home.run / "s3.json"
    identity = {
        "name": "puremusic",
        "credentials": [{"accessKey": facts.access_key.value, "secretKey": facts.secret_key.value}],
        "actions": ["Admin", "Read", "Write", "List", "Tagging"],
    }
    path.touch(mode=0o600)
    path.write_text(json.dumps({"identities": [identity]}))
    return path


def _command(home: Home, ports: Mapping[str, int], identities: Path) -> Command:
    store = home.directory("s3")
    keys = {name: home.secret(secret, random_key).value for name, secret in _INNER_KEYS.items()}
    return Command(
        name="s3",
        argv=(program("weed"), "-logtostderr=true", "server", *_options(store, ports, identities)),
        env=environment.for_server(store, keys),
        cwd=store,
        # On SIGTERM the filer waits, 15 s or for ever, for its own S3 gateway to let go, and a child that outlives
        # a killed supervisor keeps the ports. It writes straight through to its files and to its store's log:
        # ending it at once loses nothing that was answered.
        stop_signal=signal.SIGKILL,
    )


def _options(store: Path, ports: Mapping[str, int], identities: Path) -> list[str]:
    options = {
        "dir": store,
        "ip": LOOPBACK,
        "ip.bind": LOOPBACK,
        "master.port": ports["weed.master"],
        "master.port.grpc": ports["weed.master.grpc"],
        "master.telemetry": "false",
        # A master alone need not look for others nor wait before it stands for election: as shipped a start
        # takes 3 s and, when the volumes ask too early who leads, 7 or 17.
        "master.peers": "none",
        "master.electionTimeout": "200ms",
        "master.heartbeatInterval": "20ms",
        "volume.port": ports["weed.volume"],
        "volume.port.grpc": ports["weed.volume.grpc"],
        "volume.max": 100,
        "volume.minFreeSpace": "500MiB",
        "volume.preStopSeconds": 0,
        "filer": "true",
        "filer.port": ports["weed.filer"],
        "filer.port.grpc": ports["weed.filer.grpc"],
        # The parts talk by gRPC. Master and filer would take orders by HTTP from anybody, web pages included:
        # `GET /col/delete?collection=puremusic` is enough to lose every object.
        "disableHttp": "true",
        "filer.disableHttp": "true",
        "s3": "true",
        "s3.port": ports["s3"],
        "s3.port.grpc": ports["s3.grpc"],
        "s3.port.iceberg": 0,
        "s3.port.lance": 0,
        "s3.config": identities,
    }
    return [f"-{name}={value}" for name, value in options.items()]


def remove_sockets(ports: Mapping[str, int]) -> None:
    """Remove the sockets that a run left in /tmp, where SeaweedFS puts them whatever it is told."""
    parts = {
        "master-grpc": "weed.master.grpc",
        "volume-grpc": "weed.volume.grpc",
        "filer-grpc": "weed.filer.grpc",
        "filer": "weed.filer",
        "s3-grpc": "s3.grpc",
        "s3": "s3",
    }
    names = (f"seaweedfs-{part}-{ports[port]}.sock" for part, port in parts.items() if port in ports)
    for socket in (Path("/tmp") / name for name in names):  # noqa: S108 - their choice
        try:
            socket.unlink(missing_ok=True)
        except PermissionError as error:
            raise StartError(f"{socket} is another user's and in the way of SeaweedFS: remove it") from error


def _wait_writable(process: Process, facts: S3Facts) -> None:
    # No retries of its own: the condition is asked again anyway, and each answer should come soon.
    pool = urllib3.PoolManager(timeout=urllib3.Timeout(5), retries=False)
    client = minio.Minio(
        facts.endpoint.removeprefix("http://"),
        access_key=facts.access_key.value,
        secret_key=facts.secret_key.value,
        secure=False,
        region=facts.region,
        http_client=pool,
    )
    process.wait_ready(lambda: _writes(client, facts.bucket), _START_SECONDS)
    pool.clear()


def _writes(client: minio.Minio, bucket: str) -> bool:
    """Whether an object can be written. The endpoint answers before its volumes do."""
    try:
        if not client.bucket_exists(bucket):
            client.make_bucket(bucket)
        client.put_object(bucket, _PROBE, io.BytesIO(b"1"), 1)
        client.remove_object(bucket, _PROBE)
    except (minio.error.MinioException, minio.error.S3Error, urllib3.exceptions.HTTPError):
        return False
    return True
