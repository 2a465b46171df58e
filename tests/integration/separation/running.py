"""Separation's real processes over the real servers, and what a test wants to know of them."""

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
from puremusic.separation.v1 import events_pb2, separation_pb2, separation_pb2_grpc

from deploy.local.environment import default_home, for_service
from deploy.local.facts import NatsFacts, PostgresFacts, S3Facts
from deploy.local.home import Home
from deploy.local.mesh import PROCESSES
from deploy.local.nats import OPERATOR
from deploy.local.ports import LOOPBACK, assign
from deploy.local.process import Command, Process
from deploy.local.settings import PUBLIC, Surroundings
from deploy.local.supervisor import Supervisor
from deploy.local.waiting import answers_ok, until
from services.separation.references import SEGMENTS
from tests.integration.separation.neighbours import Auth, Ingest, published_keys, served
from tests.servers.backing import object_client

Pcm = NDArray[np.float32]

ROOT = Path(__file__).resolve().parents[3]
WEIGHTS = default_home().resolve() / "weights"
READY_SECONDS = 90.0
JOB_SECONDS = 180.0

# A worker that dies is missed after two seconds, not twenty.
IMPATIENT = {
    "PUREMUSIC_JOB_LEASE_SECONDS": "2",
    "PUREMUSIC_JOB_SWEEP_SECONDS": "0.2",
    "PUREMUSIC_SEPARATION_DEVICE": "cpu",
    # On a busy machine a window can take many seconds, and a worker that leaves ends the one it is in.
    "PUREMUSIC_DRAIN_SECONDS": "90",
}


@dataclass
class Separation:
    """The running service."""

    supervisor: Supervisor
    surroundings: Surroundings
    auth: Auth
    ingest: Ingest
    weights: Path
    channel: grpc.Channel
    settings: Mapping[str, str] = field(default_factory=dict)
    stub: separation_pb2_grpc.SeparationsServiceStub = field(init=False)
    operations: operations_pb2_grpc.OperationsServiceStub = field(init=False)

    def __post_init__(self) -> None:
        self.stub = separation_pb2_grpc.SeparationsServiceStub(self.channel)
        self.operations = operations_pb2_grpc.OperationsServiceStub(self.channel)

    def command(self, verb: str, name: str = "", **settings: str) -> Command:
        """One of the service's processes."""
        kind = "work" if verb == "work" else "serve"
        spec = next(spec for spec in PROCESSES if spec.name == f"separation-{kind}")
        own = {**self.surroundings.settings(spec), **IMPATIENT, "PUREMUSIC_SEPARATION_WEIGHTS_DIR": str(self.weights)}
        argv = (sys.executable, "-m", "services.separation", verb)
        env = for_service({**own, **self.settings, **settings})
        return Command(f"separation-{name or verb}", argv, env, ROOT, grace_seconds=READY_SECONDS)

    def start(self, verb: str, name: str = "", **settings: str) -> Process:
        """Start a process and wait until it is ready."""
        port = self.surroundings.ports[f"separation-{verb}.http"]
        process = self.supervisor.start(self.command(verb, name, **settings))
        process.wait_ready(lambda: answers_ok(LOOPBACK, port, "/ready"), READY_SECONDS)
        return process

    def user(self) -> "User":
        """Somebody new."""
        return User(self, str(uuid.uuid4()))

    def objects(self, prefix: str = "separation/") -> list[str]:
        """What lies in the object store."""
        facts = self.surroundings.s3
        found = object_client(facts).list_objects(facts.bucket, prefix=prefix, recursive=True)
        return sorted(str(item.object_name) for item in found)

    def remove(self, *keys: str) -> None:
        """Remove objects behind the service's back."""
        facts = self.surroundings.s3
        doomed = [DeleteObject(key) for key in keys]
        assert not list(object_client(facts).remove_objects(facts.bucket, doomed))

    def content(self, key: str) -> bytes:
        """An object's bytes."""
        facts = self.surroundings.s3
        answer = object_client(facts).get_object(facts.bucket, key)
        try:
            content: bytes = answer.read()
            return content
        finally:
            answer.close()
            answer.release_conn()

    def query(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Rows of the service's own schema."""
        with psycopg.connect(self.surroundings.postgres.url_with_password("separation")) as database:
            return database.execute(statement.encode(), values).fetchall()

    def facts(self, separation_id: str) -> list[tuple[str, events_pb2.SeparationChanged]]:
        """What the bus was told about a separation: verbs and facts, in order."""
        return asyncio.run(_facts(self.surroundings.nats, separation_id))

    def tell(self, subject: str, payload: bytes) -> None:
        """Say something in another service's name."""
        asyncio.run(_tell(self.surroundings.nats, subject, payload))

    def orphans(self) -> list[str]:
        """What the collector would remove if it spared nothing for its age, but for what was there to be heard early.

        That stays for as long as it may still be played.
        """
        answer = self.operations.CollectGarbage(
            operations_pb2.CollectGarbageRequest(dry_run=True, grace_seconds=0),
            metadata=(("authorization", f"Bearer {self.auth.token('operator', 'admin')}"),),
        )
        return [key for key in answer.sample_keys if f"/{SEGMENTS}" not in key]


@dataclass
class User:
    """Somebody with tracks."""

    separation: Separation
    user_id: str

    @property
    def metadata(self) -> tuple[tuple[str, str], ...]:
        """What comes with each call."""
        return (("authorization", f"Bearer {self.separation.auth.token(self.user_id)}"),)

    def call(self, method: str, request: Any) -> Any:
        """Call the service."""
        return getattr(self.separation.stub, method)(request, metadata=self.metadata, timeout=60)

    def track(
        self, pcm: Pcm, rate: int, title: str = "A song", *, process: bool = False, content_hash: str = ""
    ) -> str:
        """A track as ingest leaves it: its master in the store, ready. Without a hash its audio is like no other's."""
        track_id = str(uuid.uuid4())
        key = f"ingest/{self.user_id}/{track_id}/1/master.flac"
        facts = self.separation.surroundings.s3
        with tempfile.NamedTemporaryFile(suffix=".flac") as file:
            soundfile.write(file.name, pcm, rate, subtype="PCM_24")
            object_client(facts).fput_object(facts.bucket, key, file.name)
        audio = ingest_pb2.Audio(
            duration_seconds=len(pcm) / rate,
            frames=len(pcm),
            sample_rate=rate,
            channels=pcm.shape[1],
            master_key=key,
            content_hash=content_hash,
        )
        self.separation.ingest.tracks[track_id] = ingest_pb2.Track(
            track_id=track_id,
            user_id=self.user_id,
            title=title,
            status=ingest_pb2.TRACK_STATUS_UPLOADED,
            process=process,
            audio=audio,
            version=1,
        )
        return track_id

    def tell_track(self, verb: str, track_id: str, version: int) -> None:
        """Say about a track what ingest would."""
        meta = event_pb2.EventMeta(
            event_id=str(uuid.uuid4()), owner_id=self.user_id, aggregate_id=track_id, version=version
        )
        fact = ingest_events.TrackChanged(
            meta=meta, track=self.separation.ingest.tracks[track_id], deleted=verb == "deleted"
        )
        self.separation.tell(f"events.track.{verb}.{self.user_id}.{track_id}", fact.SerializeToString())

    def tell_deleted(self) -> None:
        """Say what auth says when an account is gone."""
        meta = event_pb2.EventMeta(
            event_id=str(uuid.uuid4()), owner_id=self.user_id, aggregate_id=self.user_id, version=2
        )
        fact = auth_events.UserChanged(meta=meta, deleted=True)
        self.separation.tell(f"events.user.deleted.{self.user_id}.{self.user_id}", fact.SerializeToString())

    def separate(
        self, track_id: str, *stems: separation_pb2.StemType.ValueType, idempotency_key: str = ""
    ) -> separation_pb2.Separation:
        """Ask for a separation."""
        request = separation_pb2.CreateSeparationRequest(
            track_id=track_id, stem_types=stems, idempotency_key=idempotency_key
        )
        answer: separation_pb2.Separation = self.call("CreateSeparation", request)
        return answer

    def get(self, separation_id: str) -> separation_pb2.Separation:
        """The separation as it stands."""
        answer: separation_pb2.Separation = self.call(
            "GetSeparation", separation_pb2.GetSeparationRequest(separation_id=separation_id)
        )
        return answer

    def watch(self, separation_id: str) -> Iterator[separation_pb2.Separation]:
        """The separation at every change."""
        request = separation_pb2.WatchSeparationRequest(separation_id=separation_id)
        for answer in self.separation.stub.WatchSeparation(request, metadata=self.metadata, timeout=JOB_SECONDS):
            yield answer.separation

    def ended(self, separation_id: str) -> separation_pb2.Separation:
        """The separation once it has ended."""
        *_, last = self.watch(separation_id)
        return last

    def begun(self, separation_id: str) -> separation_pb2.Separation:
        """The separation once its engine is at work."""
        return next(present for present in self.watch(separation_id) if present.work.stage == "separating")

    def reason(self, method: str, request: Any) -> tuple[str, str]:
        """Code and reason with which a call is refused."""
        try:
            self.call(method, request)
        except grpc.RpcError as refused:
            return refusal(refused)
        raise AssertionError(f"{method} was not refused")


def silence(frames: int = 22_050, channels: int = 1) -> Pcm:
    """A track that takes no time: the engine answers digital silence at once."""
    return np.zeros((frames, channels), np.float32)


def refusal(refused: grpc.RpcError) -> tuple[str, str]:
    """Code and reason of a refused call."""
    status = rpc_status.from_call(refused)  # type: ignore[arg-type]  # what a stub raises is a call too
    info = error_details_pb2.ErrorInfo()
    assert status is not None
    assert status.details[0].Unpack(info)
    code = refused.code()
    return code.name, info.reason


async def _facts(bus: NatsFacts, separation_id: str) -> list[tuple[str, events_pb2.SeparationChanged]]:
    client = await nats.connect(bus.url, user=OPERATOR, password=bus.password(OPERATOR))
    try:
        streams = client.jetstream()
        subject = f"events.separation.*.*.{separation_id}"
        subscription = await streams.subscribe(subject, stream="EVENTS", ordered_consumer=True)
        found: list[tuple[str, events_pb2.SeparationChanged]] = []
        while True:
            try:
                message = await subscription.next_msg(timeout=0.5)
            except nats.errors.TimeoutError:
                return found
            fact = events_pb2.SeparationChanged.FromString(message.data)
            found.append((message.subject.split(".")[2], fact))
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
    home: Home,
    postgres: PostgresFacts,
    bus: NatsFacts,
    s3: S3Facts,
    weights: Path = WEIGHTS,
    settings: Mapping[str, str] | None = None,
) -> Iterator[Separation]:
    """The service's server, ready, with a schema of its own; workers are the tests' to start."""
    auth, ingest, supervisor = Auth(), Ingest(), Supervisor(home)
    names = ("separation-serve.grpc", "separation-serve.http", "separation-work.http")
    with published_keys(auth) as keys_port, served(ingest) as ingest_port:
        ports = {
            **assign(names, {}, {}),
            "auth-serve.http": keys_port,
            "ingest-serve.grpc": ingest_port,
            # No Envoy here: clients reach the store itself.
            PUBLIC: int(s3.endpoint.rpartition(":")[2]),
        }
        surroundings = Surroundings(home, ports, postgres, bus, s3)
        with grpc.insecure_channel(f"{LOOPBACK}:{ports['separation-serve.grpc']}") as channel:
            separation = Separation(supervisor, surroundings, auth, ingest, weights, channel, settings or {})
            # Rows are this module's own, objects are everybody's: what another module left would be orphans here.
            separation.remove(*separation.objects())
            supervisor.run(separation.command("migrate"), READY_SECONDS)
            try:
                separation.start("serve")
                yield separation
            finally:
                supervisor.stop([process.command.name for process in supervisor.processes])


def wait_until_gone(separation: Separation, user: User) -> None:
    """Return when a user's separations and their objects are gone."""
    rows = "SELECT 1 FROM separation WHERE owner_id = %s"
    prefix = f"separation/{user.user_id}/"
    assert until(lambda: not separation.query(rows, user.user_id) and not separation.objects(prefix), 30)
