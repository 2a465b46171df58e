"""Separation, mir and ingest as fusion meets them, as small as the contract allows: what they know, shown to its owners alone."""

import hashlib
import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
import jwt
from grpc_status import rpc_status
from puremusic.ingest.v1 import ingest_pb2
from puremusic.mir.v1 import mir_pb2
from puremusic.separation.v1 import separation_pb2 as pb

from chassis.errors import NotFound
from chassis.status import to_status

Context = grpc.ServicerContext


@dataclass
class Separation:
    """Knows stems, and which tracks are still being taken apart."""

    stems: dict[str, tuple[str, pb.Stem]] = field(default_factory=dict)
    """By id, each with its owner."""
    under_way: set[str] = field(default_factory=set)
    gate: threading.Event = field(default_factory=threading.Event)
    """Shut, it keeps callers waiting."""
    asked: threading.Event = field(default_factory=threading.Event)
    """Somebody has asked for stems."""

    def __post_init__(self) -> None:
        self.gate.set()

    def add(
        self,
        owner_id: str,
        track_id: str,
        stem_type: "pb.StemType.ValueType",
        *,
        scale_bits: int = 0,
        frames: int = 44_100,
        sample_rate: int = 44_100,
    ) -> pb.Stem:
        """Learn of a stem."""
        stem_id = str(uuid.uuid4())
        name = pb.StemType.Name(stem_type).removeprefix("STEM_TYPE_").lower()
        stem = pb.Stem(
            stem_id=stem_id,
            track_id=track_id,
            type=stem_type,
            model="a model",
            frames=frames,
            sample_rate=sample_rate,
            duration_seconds=frames / sample_rate,
            sha256=hashlib.sha256(stem_id.encode()).hexdigest(),
            object_key=f"separation/{owner_id}/{uuid.uuid4()}/1/{name}.flac",
            scale_bits=scale_bits,
        )
        self.stems[stem_id] = (owner_id, stem)
        return stem

    def BatchGetStems(self, request: pb.BatchGetStemsRequest, context: Context) -> pb.BatchGetStemsResponse:
        """Return the caller's stems by id."""
        self.asked.set()
        assert self.gate.wait(30)
        for stem_id in request.stem_ids:
            if self.stems.get(stem_id, ("", None))[0] != _caller(context):
                missing = NotFound("STEM_NOT_FOUND", "There is no such stem.", stem_id=stem_id)
                context.abort_with_status(rpc_status.to_status(to_status(missing)))
        return pb.BatchGetStemsResponse(stems=[self.stems[stem_id][1] for stem_id in request.stem_ids])

    def ListStems(self, request: pb.ListStemsRequest, context: Context) -> pb.ListStemsResponse:
        """List the stems of the caller's track."""
        own = [stem for owner, stem in self.stems.values() if owner == _caller(context)]
        stems = [stem for stem in own if stem.track_id == request.track_id and stem.type != pb.STEM_TYPE_RESIDUAL]
        return pb.ListStemsResponse(stems=stems)

    def ListSeparations(self, request: pb.ListSeparationsRequest, context: Context) -> pb.ListSeparationsResponse:
        """List the separation of a track that is under way; without a track, those that are done."""
        if not request.track_id:
            done = [stem.track_id for owner, stem in self.stems.values() if owner == _caller(context)]
            known = [pb.Separation(track_id=each, status=pb.SEPARATION_STATUS_COMPLETED) for each in done]
            return pb.ListSeparationsResponse(separations=known)
        present = pb.Separation(track_id=request.track_id, status=pb.SEPARATION_STATUS_SEPARATING)
        return pb.ListSeparationsResponse(separations=[present] if request.track_id in self.under_way else [])


@dataclass
class Mir:
    """Knows what was heard in tracks."""

    analyses: dict[str, tuple[str, mir_pb2.Analysis]] = field(default_factory=dict)
    """By track, each with its owner."""

    def add(self, owner_id: str, analysis: mir_pb2.Analysis) -> None:
        """Learn of an analysis."""
        self.analyses[analysis.track_id] = (owner_id, analysis)

    def GetAnalysis(self, request: mir_pb2.GetAnalysisRequest, context: Context) -> mir_pb2.Analysis:
        """Return the analysis of one of the caller's tracks."""
        owner, analysis = self.analyses.get(request.track_id, ("", mir_pb2.Analysis()))
        if owner != _caller(context):
            context.abort_with_status(rpc_status.to_status(to_status(NotFound("ANALYSIS_NOT_FOUND", "There is none."))))
        return analysis


@dataclass
class Ingest:
    """Knows what tracks are called."""

    titles: dict[str, str] = field(default_factory=dict)

    def GetTrack(self, request: ingest_pb2.GetTrackRequest, context: Context) -> ingest_pb2.Track:
        """Return a track by its id."""
        return ingest_pb2.Track(track_id=request.track_id, title=self.titles.get(request.track_id, ""))


def _caller(context: Context) -> str:
    bearer = str(dict(context.invocation_metadata())["authorization"]).removeprefix("Bearer ")
    return str(jwt.decode(bearer, options={"verify_signature": False})["sub"])


def _method(behaviour: Callable[..., Any], request: Any, response: Any) -> "grpc.RpcMethodHandler[Any, Any]":
    return grpc.unary_unary_rpc_method_handler(behaviour, request.FromString, response.SerializeToString)


@contextmanager
def served(separation: Separation, mir: Mir, ingest: Ingest) -> Iterator[dict[str, int]]:
    """Their gRPC servers; the port of each."""
    stems = {
        "BatchGetStems": _method(separation.BatchGetStems, pb.BatchGetStemsRequest, pb.BatchGetStemsResponse),
        "ListStems": _method(separation.ListStems, pb.ListStemsRequest, pb.ListStemsResponse),
        "ListSeparations": _method(separation.ListSeparations, pb.ListSeparationsRequest, pb.ListSeparationsResponse),
    }
    analyses = {"GetAnalysis": _method(mir.GetAnalysis, mir_pb2.GetAnalysisRequest, mir_pb2.Analysis)}
    tracks = {"GetTrack": _method(ingest.GetTrack, ingest_pb2.GetTrackRequest, ingest_pb2.Track)}
    with ThreadPoolExecutor(4) as pool:
        server = grpc.server(pool)
        server.add_registered_method_handlers("puremusic.separation.v1.SeparationsService", stems)
        server.add_registered_method_handlers("puremusic.ingest.v1.TracksService", tracks)
        server.add_registered_method_handlers("puremusic.mir.v1.AnalysesService", analyses)
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        yield dict.fromkeys(("separation", "mir", "ingest"), port)
        separation.gate.set()
        server.stop(0).wait()
