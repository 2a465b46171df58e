"""One service, running for tests: its real processes over the real servers, and what a test wants to know of them."""

import asyncio
import sys
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import nats
import numpy as np
import psycopg
import soundfile
from google.rpc import error_details_pb2
from grpc_status import rpc_status
from minio.deleteobjects import DeleteObject
from numpy.typing import NDArray
from puremusic.auth.v1 import events_pb2 as auth_events
from puremusic.event.v1 import event_pb2
from puremusic.ingest.v1 import events_pb2 as ingest_events
from puremusic.ingest.v1 import ingest_pb2
from puremusic.operations.v1 import operations_pb2, operations_pb2_grpc

from chassis import jetstream
from deploy.local.environment import for_service
from deploy.local.facts import NatsFacts, PostgresFacts, S3Facts
from deploy.local.home import Home
from deploy.local.mesh import PROCESSES
from deploy.local.nats import OPERATOR
from deploy.local.ports import LOOPBACK, assign
from deploy.local.process import Command, Process
from deploy.local.settings import PUBLIC, Surroundings
from deploy.local.supervisor import Supervisor
from deploy.local.waiting import answers_ok, until
from tests.integration.ingest.keyring import Keyring
from tests.servers.backing import object_client

Pcm = NDArray[np.float32]
Metadata = tuple[tuple[str, str], ...]

ROOT = Path(__file__).resolve().parents[2]
READY_SECONDS = 90.0

# A worker that dies is missed after two seconds, not twenty.
IMPATIENT: Mapping[str, str] = {
    "PUREMUSIC_JOB_LEASE_SECONDS": "2",
    "PUREMUSIC_JOB_SWEEP_SECONDS": "0.2",
    "PUREMUSIC_DRAIN_SECONDS": "60",
}


@dataclass(frozen=True)
class Place:
    """Where a service runs: the servers behind it, and the keys that its callers' tokens are signed with."""

    home: Home
    postgres: PostgresFacts
    bus: NatsFacts
    s3: S3Facts
    keyring: Keyring = field(default_factory=Keyring)


@dataclass(frozen=True)
class Service:
    """A service of the mesh. Its server runs; its workers are the tests' to start."""

    name: str
    place: Place
    supervisor: Supervisor
    surroundings: Surroundings
    settings: Mapping[str, str]

    def command(self, verb: str, label: str = "", **settings: str) -> Command:
        """One of the service's processes; `label` tells several of a kind apart, `settings` lack their prefix."""
        kind = "work" if verb == "work" else "serve"
        spec = next(spec for spec in PROCESSES if spec.name == f"{self.name}-{kind}")
        own = {f"PUREMUSIC_{name}": value for name, value in settings.items()}
        env = for_service({**self.surroundings.settings(spec), **IMPATIENT, **self.settings, **own})
        argv = (sys.executable, "-m", f"services.{self.name}", verb)
        return Command(f"{self.name}-{label or verb}", argv, env, ROOT, grace_seconds=READY_SECONDS)

    def start(self, verb: str, label: str = "", **settings: str) -> Process:
        """Start a process and wait until it is ready."""
        process = self.supervisor.start(self.command(verb, label, **settings))
        process.wait_ready(lambda: answers_ok(LOOPBACK, self.http_port(verb), "/ready"), READY_SECONDS)
        return process

    def http_port(self, verb: str) -> int:
        """Where a process answers operators."""
        return self.surroundings.ports[f"{self.name}-{verb}.http"]

    @property
    def address(self) -> str:
        """Where the server answers calls."""
        return f"{LOOPBACK}:{self.surroundings.ports[f'{self.name}-serve.grpc']}"

    def metadata(self, user_id: str, *roles: str) -> Metadata:
        """What comes with each call of a user."""
        return (("authorization", f"Bearer {self.place.keyring.token(user_id, *roles)}"),)

    def query(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Rows of the service's own schema."""
        with psycopg.connect(self.place.postgres.url_with_password(self.name)) as database:
            return database.execute(statement.encode(), values).fetchall()

    def objects(self, prefix: str = "") -> list[str]:
        """What the service keeps in the object store, below its own name."""
        found = object_client(self.place.s3).list_objects(
            self.place.s3.bucket, prefix=f"{self.name}/{prefix}", recursive=True
        )
        return sorted(str(item.object_name) for item in found)

    def remove(self, *keys: str) -> None:
        """Remove objects behind the service's back."""
        doomed = [DeleteObject(key) for key in keys]
        assert not list(object_client(self.place.s3).remove_objects(self.place.s3.bucket, doomed))

    def put_audio(self, key: str, pcm: Pcm, rate: int) -> None:
        """Store 24-bit FLAC, as ingest and separation do."""
        with tempfile.NamedTemporaryFile(suffix=".flac") as file:
            soundfile.write(file.name, pcm, rate, subtype="PCM_24")
            object_client(self.place.s3).fput_object(self.place.s3.bucket, key, file.name)

    def orphans(self) -> list[str]:
        """What the collector would remove if it spared nothing for its age."""
        with grpc.insecure_channel(self.address) as channel:
            answer = operations_pb2_grpc.OperationsServiceStub(channel).CollectGarbage(
                operations_pb2.CollectGarbageRequest(dry_run=True, grace_seconds=0),
                metadata=self.metadata("operator", "admin"),
            )
        return list(answer.sample_keys)

    def republish(self) -> int:
        """Have everything told again; how much that is."""
        with grpc.insecure_channel(self.address) as channel:
            answer = operations_pb2_grpc.OperationsServiceStub(channel).Republish(
                operations_pb2.RepublishRequest(), metadata=self.metadata("operator", "admin")
            )
        return answer.published

    def facts(self, aggregate: str, aggregate_id: str) -> list[tuple[str, bytes]]:
        """What the bus was told about an aggregate, once all was told: verbs and facts, in order."""
        assert until(lambda: not self.query("SELECT FROM outbox"), READY_SECONDS)
        return asyncio.run(_facts(self.place.bus, f"events.{aggregate}.*.*.{aggregate_id}"))

    def verbs(self, aggregate: str, aggregate_id: str) -> list[str]:
        """What the bus was told, in words."""
        return [verb for verb, _ in self.facts(aggregate, aggregate_id)]

    def tell(self, subject: str, payload: bytes) -> None:
        """Say something in another service's name."""
        asyncio.run(_tell(self.place.bus, subject, payload))

    def tell_track(self, verb: str, track: ingest_pb2.Track, version: int) -> None:
        """Say about a track what ingest would."""
        meta = event_pb2.EventMeta(
            event_id=str(uuid.uuid4()), owner_id=track.user_id, aggregate_id=track.track_id, version=version
        )
        fact = ingest_events.TrackChanged(meta=meta, track=track, deleted=verb == "deleted")
        self.tell(f"events.track.{verb}.{track.user_id}.{track.track_id}", fact.SerializeToString())

    def tell_user_deleted(self, user_id: str) -> None:
        """Say what auth says when an account is gone."""
        meta = event_pb2.EventMeta(event_id=str(uuid.uuid4()), owner_id=user_id, aggregate_id=user_id, version=2)
        fact = auth_events.UserChanged(meta=meta, deleted=True)
        self.tell(f"events.user.deleted.{user_id}.{user_id}", fact.SerializeToString())


def refusal(refused: grpc.RpcError) -> tuple[str, str]:
    """Code and reason of a refused call."""
    status = rpc_status.from_call(refused)  # type: ignore[arg-type]  # what a stub raises is a call too
    info = error_details_pb2.ErrorInfo()
    assert status is not None, refused
    assert status.details[0].Unpack(info)
    return refused.code().name, info.reason


async def _facts(bus: NatsFacts, subject: str) -> list[tuple[str, bytes]]:
    client = await nats.connect(bus.url, user=OPERATOR, password=bus.password(OPERATOR))
    try:
        subscription = await client.jetstream().subscribe(subject, stream=jetstream.EVENTS, ordered_consumer=True)
        known = await subscription.consumer_info()
        told = (known.num_pending or 0) + (known.delivered.consumer_seq if known.delivered else 0)
        messages = [await subscription.next_msg(timeout=5) for _ in range(told)]
        return [(message.subject.split(".")[2], message.data) for message in messages]
    finally:
        await client.close()


async def _tell(bus: NatsFacts, subject: str, payload: bytes) -> None:
    client = await nats.connect(bus.url, user=OPERATOR, password=bus.password(OPERATOR))
    try:
        await client.jetstream().publish(subject, payload)
    finally:
        await client.close()


@contextmanager
def running(
    name: str, place: Place, peers: Mapping[str, int], settings: Mapping[str, str] | None = None
) -> Iterator[Service]:
    """Migrate a service's schema and run its server; `peers` are the gRPC ports of the services it calls."""
    names = (f"{name}-serve.grpc", f"{name}-serve.http", f"{name}-work.http")
    supervisor = Supervisor(place.home)
    with place.keyring.published() as jwks_url:
        ports = {
            **assign(names, {}, {}),
            **{f"{peer}-serve.grpc": port for peer, port in peers.items()},
            "auth-serve.http": int(jwks_url.rpartition(":")[2].partition("/")[0]),
            # No Envoy here: clients reach the store itself.
            PUBLIC: int(place.s3.endpoint.rpartition(":")[2]),
        }
        surroundings = Surroundings(place.home, ports, place.postgres, place.bus, place.s3)
        service = Service(name, place, supervisor, surroundings, settings or {})
        # Rows are this module's own, objects are everybody's: what another module left would be orphans here.
        service.remove(*service.objects())
        supervisor.run(service.command("migrate"), READY_SECONDS)
        try:
            service.start("serve")
            yield service
        finally:
            supervisor.stop([process.command.name for process in supervisor.processes])
