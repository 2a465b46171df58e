"""People who use ingest: each with an id, a token, a client, an ear for the facts about their tracks."""

import asyncio
import hashlib
import secrets
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import grpc
import httpx
import nats
from nats.aio.client import Client
from nats.aio.msg import Msg
from puremusic.ingest.v1 import events_pb2, ingest_pb2, ingest_pb2_grpc
from puremusic.operations.v1 import operations_pb2_grpc

from chassis import status
from chassis.errors import DomainError
from deploy.local.nats import OPERATOR
from tests.integration.ingest.house import House

SECONDS = 60.0
"""How long a test waits for a fact before it fails."""

Metadata = tuple[tuple[str, str], ...]


@dataclass
class Facts:
    """What the bus says about one user's tracks, from the moment of listening on."""

    client: Client
    owner_id: str
    heard: list[tuple[str, events_pb2.TrackChanged]] = field(default_factory=list)
    progress: "asyncio.Queue[Msg]" = field(default_factory=asyncio.Queue)
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def listen(self) -> None:
        """Begin to listen."""
        await self.client.subscribe(f"events.track.*.{self.owner_id}.>", cb=self._keep)
        await self.client.subscribe(f"progress.import.{self.owner_id}.>", cb=self.progress.put)
        await self.client.flush()

    async def _keep(self, message: Msg) -> None:
        async with self._news:
            self.heard.append((message.subject.split(".")[2], events_pb2.TrackChanged.FromString(message.data)))
            self._news.notify_all()

    async def until(self, verb: str, track_id: str, count: int = 1) -> ingest_pb2.Track:
        """Wait for a fact about a track (for the `count`th of its kind) and return the track it tells of."""

        def told() -> list[ingest_pb2.Track]:
            return [f.track for v, f in self.heard if v == verb and f.meta.aggregate_id == track_id]

        async with asyncio.timeout(SECONDS), self._news:
            await self._news.wait_for(lambda: len(told()) >= count)
        return told()[count - 1]

    async def ended(self, track_id: str) -> ingest_pb2.Track:
        """Wait until the check of a track has ended, well or badly."""

        def ends() -> list[ingest_pb2.Track]:
            known = [f.track for v, f in self.heard if v in ("uploaded", "failed")]
            return [track for track in known if track.track_id == track_id]

        async with asyncio.timeout(SECONDS), self._news:
            await self._news.wait_for(lambda: bool(ends()))
        return ends()[-1]

    def verbs(self, track_id: str) -> list[str]:
        """What was told of a track, in order."""
        return [verb for verb, fact in self.heard if fact.meta.aggregate_id == track_id]

    def versions(self, track_id: str) -> list[int]:
        """The versions of a track that were told, in order."""
        return [fact.meta.version for _, fact in self.heard if fact.meta.aggregate_id == track_id]


@dataclass(frozen=True)
class Person:
    """A user and their client."""

    user_id: str
    metadata: Metadata
    tracks: "ingest_pb2_grpc.TracksServiceAsyncStub"
    operations: "operations_pb2_grpc.OperationsServiceAsyncStub"
    facts: Facts
    http: httpx.AsyncClient

    async def create(self, data: bytes = b"x", **changes: Any) -> ingest_pb2.CreateTrackResponse:
        """Announce a file."""
        wish: dict[str, Any] = {"filename": "song.wav", "size_bytes": len(data), "rights_confirmed": True, **changes}
        request = ingest_pb2.CreateTrackRequest(**wish)
        answer: ingest_pb2.CreateTrackResponse = await self.tracks.CreateTrack(request, metadata=self.metadata)
        return answer

    async def send(self, upload: ingest_pb2.Upload, data: bytes) -> list[int]:
        """Send what an upload asks for, as a client does; returns the HTTP status of each request."""
        if upload.WhichOneof("method") == "post":
            form = dict(upload.post.fields)
            answer = await self.http.post(upload.post.url, data=form, files={"file": ("song", data)})
            return [answer.status_code]
        return [await self.send_part(upload, part, data) for part in upload.parts.missing]

    async def send_part(self, upload: ingest_pb2.Upload, part: ingest_pb2.Upload.Part, data: bytes) -> int:
        """Send one part of a file."""
        begin = (part.number - 1) * upload.parts.part_size
        return (await self.http.put(part.url, content=data[begin : begin + part.size_bytes])).status_code

    async def complete(self, track_id: str) -> ingest_pb2.Track:
        """Say that all bytes were sent."""
        request = ingest_pb2.CompleteUploadRequest(track_id=track_id)
        answer: ingest_pb2.Track = await self.tracks.CompleteUpload(request, metadata=self.metadata)
        return answer

    async def offer(self, data: bytes, **changes: Any) -> ingest_pb2.Track:
        """Announce a file, send it, and say so."""
        created = await self.create(data, **changes)
        statuses = await self.send(created.upload, data)
        assert all(code in (200, 204) for code in statuses), statuses
        return await self.complete(created.track.track_id)

    async def upload(self, data: bytes, **changes: Any) -> ingest_pb2.Track:
        """Upload a file and wait until it was checked."""
        offered = await self.offer(data, **changes)
        return await self.facts.ended(offered.track_id)

    async def get(self, track_id: str) -> ingest_pb2.Track:
        """Look at a track."""
        request = ingest_pb2.GetTrackRequest(track_id=track_id)
        answer: ingest_pb2.Track = await self.tracks.GetTrack(request, metadata=self.metadata)
        return answer

    async def missing(self, track_id: str) -> ingest_pb2.Upload:
        """Ask for what is still to be sent."""
        request = ingest_pb2.GetUploadRequest(track_id=track_id)
        answer: ingest_pb2.Upload = await self.tracks.GetUpload(request, metadata=self.metadata)
        return answer

    async def delete(self, track_id: str) -> None:
        """Delete a track."""
        await self.tracks.DeleteTrack(ingest_pb2.DeleteTrackRequest(track_id=track_id), metadata=self.metadata)


class Door:
    """The way into a house, for one test: a channel, a connection to the bus, an HTTP client."""

    def __init__(self, house: House) -> None:
        self._house = house

    async def __aenter__(self) -> Self:
        facts = self._house.nats
        self._bus = await nats.connect(facts.url, user=OPERATOR, password=facts.password(OPERATOR))
        self._channel = grpc.aio.insecure_channel(self._house.address)
        self._http = httpx.AsyncClient(trust_env=False, timeout=60)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        await self._http.aclose()
        await self._channel.close()
        await self._bus.close()

    async def person(self, *roles: str, scope: str = "read write") -> Person:
        """Somebody new."""
        user_id = f"user-{secrets.token_hex(6)}"
        facts = Facts(self._bus, user_id)
        await facts.listen()
        token = self._house.keyring.token(user_id, *roles, scope=scope)
        return Person(
            user_id,
            (("authorization", f"Bearer {token}"),),
            ingest_pb2_grpc.TracksServiceStub(self._channel),
            operations_pb2_grpc.OperationsServiceStub(self._channel),
            facts,
            self._http,
        )

    async def publish(self, subject: str, payload: bytes) -> None:
        """Say something on the bus, as another service would."""
        await self._bus.jetstream().publish(subject, payload)


@asynccontextmanager
async def door_of(house: House) -> AsyncIterator[Door]:
    """Open the way into a house."""
    async with Door(house) as door:
        yield door


async def refusal(call: Awaitable[object]) -> DomainError:
    """Return the error that a call ends with."""
    try:
        answer = await call
    except grpc.aio.AioRpcError as error:
        return status.from_call(error)
    raise AssertionError(f"the call was not refused: {answer}")


async def reason(call: Awaitable[object]) -> str:
    """Return the reason that a call is refused with."""
    return (await refusal(call)).reason


def sha256(data: bytes) -> str:
    """The SHA-256 of some bytes, hex."""
    return hashlib.sha256(data).hexdigest()
