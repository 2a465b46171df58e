"""Fusion, running, with a separation that a test speaks for; and people with stems."""

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import grpc
import numpy as np
from google.protobuf.field_mask_pb2 import FieldMask
from puremusic.fusion.v1 import events_pb2, fusion_pb2, fusion_pb2_grpc
from puremusic.ingest.v1 import ingest_pb2
from puremusic.separation.v1 import separation_pb2

from deploy.local.waiting import until
from tests.integration.fusion.hearing import analysis_of
from tests.integration.fusion.neighbours import Ingest, Mir, Separation, served
from tests.integration.service import Metadata, Pcm, Place, Service, refusal, running
from tests.songs import Song

JOB_SECONDS = 90.0
JOBS_PER_USER = 3
RATE = 44_100

DRUMS = separation_pb2.STEM_TYPE_DRUMS
OTHER = separation_pb2.STEM_TYPE_OTHER
BASS = separation_pb2.STEM_TYPE_BASS
VOCALS = separation_pb2.STEM_TYPE_VOCALS
GUITAR = separation_pb2.STEM_TYPE_GUITAR
RESIDUAL = separation_pb2.STEM_TYPE_RESIDUAL


@dataclass(frozen=True)
class Fusion:
    """The running service."""

    service: Service
    separation: Separation
    mir: Mir
    ingest: Ingest
    stub: fusion_pb2_grpc.FusionsServiceStub

    def user(self) -> "User":
        """Somebody new."""
        return User(self, str(uuid.uuid4()))

    def changes(self, fusion_id: str) -> list[tuple[str, events_pb2.FusionChanged]]:
        """What the bus was told about a fusion."""
        told = self.service.facts("fusion", fusion_id)
        return [(verb, events_pb2.FusionChanged.FromString(payload)) for verb, payload in told]


@dataclass(frozen=True)
class User:
    """Somebody with stems."""

    fusion: Fusion
    user_id: str

    @property
    def metadata(self) -> Metadata:
        """What comes with each call."""
        return self.fusion.service.metadata(self.user_id)

    def stem(
        self,
        pcm: Pcm | None = None,
        kind: "separation_pb2.StemType.ValueType" = VOCALS,
        track_id: str = "",
        rate: int = RATE,
        scale_bits: int = 0,
    ) -> separation_pb2.Stem:
        """A stem as separation leaves it (without a file, where nobody will hear it)."""
        stem = self.fusion.separation.add(
            self.user_id,
            track_id or str(uuid.uuid4()),
            kind,
            scale_bits=scale_bits,
            frames=rate if pcm is None else len(pcm),
            sample_rate=rate,
        )
        if pcm is not None:
            self.fusion.service.put_audio(stem.object_key, pcm, rate)
        return stem

    def song(self, song: Song, title: str = "", stem_lufs: float = -20.0) -> dict[str, separation_pb2.Stem]:
        """A track that was taken apart and listened to: its stems by type."""
        track_id = str(uuid.uuid4())
        self.fusion.ingest.titles[track_id] = title
        self.fusion.mir.add(self.user_id, analysis_of(song, track_id, stem_lufs))
        # Whatever leads is what is sung.
        kinds = {
            "vocals": (VOCALS, "lead"),
            "drums": (DRUMS, "drums"),
            "bass": (BASS, "bass"),
            "other": (OTHER, "chords"),
        }
        return {name: self.stem(song.stems[part], kind, track_id) for name, (kind, part) in kinds.items()}

    def call(self, method: str, request: Any) -> Any:
        """Call the service."""
        return getattr(self.fusion.stub, method)(request, metadata=self.metadata, timeout=60)

    def fuse(self, *stems: fusion_pb2.SelectedStem | separation_pb2.Stem, **wishes: Any) -> fusion_pb2.Fusion:
        """Ask for a fusion."""
        answer: fusion_pb2.Fusion = self.call("CreateFusion", wish(*stems, **wishes))
        return answer

    def get(self, fusion_id: str) -> fusion_pb2.Fusion:
        """The fusion as it stands."""
        answer: fusion_pb2.Fusion = self.call("GetFusion", fusion_pb2.GetFusionRequest(fusion_id=fusion_id))
        return answer

    def cancel(self, fusion_id: str) -> fusion_pb2.Fusion:
        """Ask to stop."""
        answer: fusion_pb2.Fusion = self.call("CancelFusion", fusion_pb2.CancelFusionRequest(fusion_id=fusion_id))
        return answer

    def rate(self, fusion_id: str, stars: int, comment: str = "") -> fusion_pb2.Fusion:
        """Give a verdict."""
        request = fusion_pb2.RateFusionRequest(fusion_id=fusion_id, stars=stars, comment=comment)
        answer: fusion_pb2.Fusion = self.call("RateFusion", request)
        return answer

    def rename(self, fusion_id: str, title: str) -> fusion_pb2.Fusion:
        """Give a fusion another title."""
        answer: fusion_pb2.Fusion = self.call("UpdateFusion", renaming(fusion_id, title))
        return answer

    def delete(self, fusion_id: str) -> None:
        """Delete a fusion."""
        self.call("DeleteFusion", fusion_pb2.DeleteFusionRequest(fusion_id=fusion_id))

    def address(self, fusion_id: str, **wishes: Any) -> fusion_pb2.GetDownloadUrlResponse:
        """Where the song can be fetched."""
        request = fusion_pb2.GetDownloadUrlRequest(fusion_id=fusion_id, **wishes)
        answer: fusion_pb2.GetDownloadUrlResponse = self.call("GetDownloadUrl", request)
        return answer

    def watch(self, fusion_id: str) -> Iterator[fusion_pb2.Fusion]:
        """The fusion at every change."""
        request = fusion_pb2.WatchFusionRequest(fusion_id=fusion_id)
        for answer in self.fusion.stub.WatchFusion(request, metadata=self.metadata, timeout=JOB_SECONDS):
            yield answer.fusion

    def ended(self, fusion_id: str) -> fusion_pb2.Fusion:
        """The fusion once it has ended."""
        *_, last = self.watch(fusion_id)
        return last

    def begun(self, fusion_id: str, stage: str = "mixing") -> fusion_pb2.Fusion:
        """The fusion once it is at this stage."""
        return next(present for present in self.watch(fusion_id) if present.work.stage == stage)

    def reason(self, method: str, request: Any) -> tuple[str, str]:
        """Code and reason with which a call is refused."""
        try:
            self.call(method, request)
        except grpc.RpcError as refused:
            return refusal(refused)
        raise AssertionError(f"{method} was not refused")

    def tell_track_deleted(self, track_id: str) -> None:
        """Say what ingest says when one of the user's tracks is gone."""
        self.fusion.service.tell_track("deleted", ingest_pb2.Track(track_id=track_id, user_id=self.user_id), 9)

    def wait_until_gone(self) -> None:
        """Return when nothing of the user is left."""
        service = self.fusion.service
        rows = "SELECT FROM fusion WHERE owner_id = %s"
        assert until(lambda: not service.query(rows, self.user_id) and not service.objects(self.user_id), 30)


def wish(*stems: fusion_pb2.SelectedStem | separation_pb2.Stem, **wishes: Any) -> fusion_pb2.CreateFusionRequest:
    """What is asked of CreateFusion."""
    chosen = [
        fusion_pb2.SelectedStem(stem_id=stem.stem_id) if isinstance(stem, separation_pb2.Stem) else stem
        for stem in stems
    ]
    return fusion_pb2.CreateFusionRequest(stems=chosen, **wishes)


def renaming(fusion_id: str, title: str) -> fusion_pb2.UpdateFusionRequest:
    """What is asked of UpdateFusion."""
    fusion = fusion_pb2.Fusion(fusion_id=fusion_id, title=title)
    return fusion_pb2.UpdateFusionRequest(fusion=fusion, update_mask=FieldMask(paths=["title"]))


def named(track_id: str, kind: str, **faders: Any) -> fusion_pb2.SelectedStem:
    """A stem named by its track and type."""
    return fusion_pb2.SelectedStem(track_id=track_id, type=kind, **faders)


def tone(hertz: float, seconds: float = 1.0, peak: float = 0.3, channels: int = 2) -> Pcm:
    """A sine."""
    time = np.arange(round(seconds * RATE)) / RATE
    wave = (peak * np.sin(2 * np.pi * hertz * time)).astype(np.float32)
    return np.repeat(wave[:, None], channels, axis=1)


@contextmanager
def running_fusion(place: Place, settings: Mapping[str, str] | None = None) -> Iterator[Fusion]:
    """Run fusion's server, with those that it asks beside it."""
    separation, mir, ingest = Separation(), Mir(), Ingest()
    told = {"PUREMUSIC_JOBS_PER_USER": str(JOBS_PER_USER), **(settings or {})}
    with (
        served(separation, mir, ingest) as ports,
        running("fusion", place, ports, told) as service,
        grpc.insecure_channel(service.address) as channel,
    ):
        yield Fusion(service, separation, mir, ingest, fusion_pb2_grpc.FusionsServiceStub(channel))
