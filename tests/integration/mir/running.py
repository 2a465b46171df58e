"""Mir, running, with an ingest that a test speaks for; and people with tracks."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import grpc
import numpy as np
from puremusic.ingest.v1 import ingest_pb2
from puremusic.mir.v1 import events_pb2, mir_pb2, mir_pb2_grpc

from tests.integration.separation.neighbours import Ingest, served
from tests.integration.service import Metadata, Pcm, Place, Service, refusal, running
from tests.servers.mesh import NUMBA_CACHE

JOB_SECONDS = 90.0
JOBS_PER_USER = 3


@dataclass(frozen=True)
class Mir:
    """The running service."""

    service: Service
    ingest: Ingest
    stub: mir_pb2_grpc.AnalysesServiceStub

    def user(self) -> "User":
        """Somebody new."""
        return User(self, str(uuid.uuid4()))

    def changes(self, analysis_id: str) -> list[tuple[str, events_pb2.AnalysisChanged]]:
        """What the bus was told about an analysis."""
        told = self.service.facts("analysis", analysis_id)
        return [(verb, events_pb2.AnalysisChanged.FromString(payload)) for verb, payload in told]


@dataclass(frozen=True)
class User:
    """Somebody with tracks."""

    mir: Mir
    user_id: str

    @property
    def metadata(self) -> Metadata:
        """What comes with each call."""
        return self.mir.service.metadata(self.user_id)

    def track(self, pcm: Pcm | None = None, rate: int = 22_050, *, process: bool = True) -> ingest_pb2.Track:
        """A track as ingest leaves it: ready, its master in the store (but for one that nobody will listen to)."""
        track_id = str(uuid.uuid4())
        key = f"ingest/{self.user_id}/{track_id}/1/master.flac"
        frames = 0 if pcm is None else len(pcm)
        if pcm is not None:
            self.mir.service.put_audio(key, pcm, rate)
        track = ingest_pb2.Track(
            track_id=track_id,
            user_id=self.user_id,
            status=ingest_pb2.TRACK_STATUS_UPLOADED,
            process=process,
            audio=ingest_pb2.Audio(master_key=key, frames=frames, sample_rate=rate, duration_seconds=frames / rate),
            version=3,
        )
        self.mir.ingest.tracks[track_id] = track
        return track

    def call(self, method: str, request: Any) -> Any:
        """Call the service."""
        return getattr(self.mir.stub, method)(request, metadata=self.metadata, timeout=60)

    def analyse(self, track: ingest_pb2.Track, idempotency_key: str = "") -> mir_pb2.Analysis:
        """Ask for an analysis."""
        request = mir_pb2.CreateAnalysisRequest(track_id=track.track_id, idempotency_key=idempotency_key)
        answer: mir_pb2.Analysis = self.call("CreateAnalysis", request)
        return answer

    def cancel(self, track: ingest_pb2.Track) -> mir_pb2.Analysis:
        """Ask to stop."""
        answer: mir_pb2.Analysis = self.call("CancelAnalysis", mir_pb2.CancelAnalysisRequest(track_id=track.track_id))
        return answer

    def present(self, *tracks: ingest_pb2.Track) -> dict[str, mir_pb2.Analysis]:
        """Those analyses that there are, by track."""
        request = mir_pb2.BatchGetAnalysesRequest(track_ids=[track.track_id for track in tracks])
        return {found.track_id: found for found in self.call("BatchGetAnalyses", request).analyses}

    def watch(self, track: ingest_pb2.Track) -> Iterator[mir_pb2.Analysis]:
        """The analysis at every change."""
        request = mir_pb2.WatchAnalysisRequest(track_id=track.track_id)
        for answer in self.mir.stub.WatchAnalysis(request, metadata=self.metadata, timeout=JOB_SECONDS):
            yield answer.analysis

    def ended(self, track: ingest_pb2.Track) -> mir_pb2.Analysis:
        """The analysis once it has ended."""
        *_, last = self.watch(track)
        return last

    def reason(self, method: str, request: Any) -> tuple[str, str]:
        """Code and reason with which a call is refused."""
        try:
            self.call(method, request)
        except grpc.RpcError as refused:
            return refusal(refused)
        raise AssertionError(f"{method} was not refused")


def silence(seconds: float = 1.0) -> Pcm:
    """A track that takes no time."""
    return np.zeros((round(22_050 * seconds), 1), np.float32)


@contextmanager
def running_mir(place: Place) -> Iterator[Mir]:
    """Run mir's server, with an ingest beside it."""
    ingest = Ingest()
    settings = {**NUMBA_CACHE, "PUREMUSIC_JOBS_PER_USER": str(JOBS_PER_USER)}
    with (
        served(ingest) as port,
        running("mir", place, {"ingest": port}, settings) as service,
        grpc.insecure_channel(service.address) as channel,
    ):
        yield Mir(service, ingest, mir_pb2_grpc.AnalysesServiceStub(channel))
