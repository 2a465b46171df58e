"""Mir, running, with an ingest that a test speaks for; and people with tracks."""

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import grpc
import numpy as np
from puremusic.event.v1 import event_pb2
from puremusic.ingest.v1 import ingest_pb2
from puremusic.mir.v1 import events_pb2, mir_pb2, mir_pb2_grpc
from puremusic.separation.v1 import events_pb2 as separation_events
from puremusic.separation.v1 import separation_pb2

from tests.integration.separation.neighbours import Ingest, served
from tests.integration.service import ROOT, Metadata, Pcm, Place, Service, refusal, running
from tests.servers.mesh import NUMBA_CACHE

JOB_SECONDS = 90.0
JOBS_PER_USER = 3
STEM_TYPES = {
    "vocals": separation_pb2.STEM_TYPE_VOCALS,
    "drums": separation_pb2.STEM_TYPE_DRUMS,
    "bass": separation_pb2.STEM_TYPE_BASS,
    "other": separation_pb2.STEM_TYPE_OTHER,
}


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

    def states(self, analysis_id: str) -> list[str]:
        """Through which states an analysis has gone, whatever else was told of it in each."""
        return [state for state, _ in groupby(self.service.verbs("analysis", analysis_id))]


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

    def heard(self, track: ingest_pb2.Track) -> mir_pb2.Analysis:
        """The whole analysis."""
        answer: mir_pb2.Analysis = self.call("GetAnalysis", mir_pb2.GetAnalysisRequest(track_id=track.track_id))
        return answer

    def correct(self, track: ingest_pb2.Track, *fields: str, **said: Any) -> mir_pb2.Analysis:
        """Say what is right in these fields, by default in those that are said."""
        answer: mir_pb2.Analysis = self.call("UpdateAnalysis", correction(track, *fields, **said))
        return answer

    def separated(
        self, track: ingest_pb2.Track, stems: Mapping[str, Pcm | None], separation_id: str, rate: int = 22_050
    ) -> dict[str, str]:
        """Say that a separation has completed, and return its stems' keys. Of a stem that is None there is no file."""
        keys = {name: f"separation/{self.user_id}/{separation_id}/1/{name}.flac" for name in stems}
        for name, pcm in stems.items():
            if pcm is not None:
                self.mir.service.put_audio(keys[name], pcm, rate)
        meta = event_pb2.EventMeta(
            event_id=str(uuid.uuid4()), owner_id=self.user_id, aggregate_id=separation_id, version=3
        )
        separation = separation_pb2.Separation(
            separation_id=separation_id,
            user_id=self.user_id,
            track_id=track.track_id,
            status=separation_pb2.SEPARATION_STATUS_COMPLETED,
            stems=[separation_pb2.Stem(type=STEM_TYPES[name], object_key=key) for name, key in keys.items()],
        )
        fact = separation_events.SeparationChanged(meta=meta, separation=separation)
        subject = f"events.separation.completed.{self.user_id}.{separation_id}"
        self.mir.service.tell(subject, fact.SerializeToString())
        return keys

    def stems_listened_to(self, track: ingest_pb2.Track) -> dict[str, str]:
        """Where the stems were that were known when the track was heard."""
        ((stems,),) = self.mir.service.query("SELECT stems FROM analysis WHERE track_id = %s", track.track_id)
        return {name: key for name, (key, _) in stems.items()}

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


def correction(track: ingest_pb2.Track, *fields: str, **said: Any) -> mir_pb2.UpdateAnalysisRequest:
    """What a person says, in these fields, by default in those that are said."""
    request = mir_pb2.UpdateAnalysisRequest(track_id=track.track_id, corrections=mir_pb2.Corrections(**said))
    request.update_mask.paths.extend(fields or said)
    return request


def silence(seconds: float = 1.0) -> Pcm:
    """A track that takes no time."""
    return np.zeros((round(22_050 * seconds), 1), np.float32)


@contextmanager
def running_mir(place: Place) -> Iterator[Mir]:
    """Run mir's server, with an ingest beside it."""
    ingest = Ingest()
    settings = {
        **NUMBA_CACHE,
        "PUREMUSIC_JOBS_PER_USER": str(JOBS_PER_USER),
        "PUREMUSIC_MIR_WEIGHTS_DIR": str(ROOT / ".puremusic" / "weights" / "mir"),
    }
    with (
        served(ingest) as port,
        running("mir", place, {"ingest": port}, settings) as service,
        grpc.insecure_channel(service.address) as channel,
    ):
        yield Mir(service, ingest, mir_pb2_grpc.AnalysesServiceStub(channel))
