"""Facts as the services tell them: the life of a track and of what is made of it."""

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from google.protobuf.message import Message
from puremusic.auth.v1 import events_pb2 as auth_events
from puremusic.event.v1 import event_pb2
from puremusic.fusion.v1 import events_pb2 as fusion_events
from puremusic.fusion.v1 import fusion_pb2
from puremusic.ingest.v1 import events_pb2 as ingest_events
from puremusic.ingest.v1 import ingest_pb2
from puremusic.job.v1 import job_pb2
from puremusic.mir.v1 import events_pb2 as mir_events
from puremusic.mir.v1 import mir_pb2
from puremusic.separation.v1 import events_pb2 as separation_events
from puremusic.separation.v1 import separation_pb2

from chassis.work_record import to_timestamp

DAWN = datetime(2026, 1, 1, tzinfo=UTC)

Fact = tuple[str, bytes]
"""Subject and payload."""


def new_id() -> str:
    """An id that nothing has."""
    return str(uuid.uuid4())


def _told(aggregate: str, verb: str, meta: event_pb2.EventMeta, message: Message) -> Fact:
    return f"events.{aggregate}.{verb}.{meta.owner_id}.{meta.aggregate_id}", message.SerializeToString()


def work(minute: int = 0, **record: object) -> job_pb2.Work:
    """A job's record, created so many minutes after dawn."""
    return job_pb2.Work(create_time=to_timestamp(DAWN + timedelta(minutes=minute)), **record)  # type: ignore[arg-type]


@dataclass
class Author:
    """Somebody whose tracks, separations, analyses and fusions change. Each fact is a version later than the one before."""

    owner_id: str = field(default_factory=new_id)
    versions: dict[str, int] = field(default_factory=dict)

    def _meta(self, aggregate_id: str) -> event_pb2.EventMeta:
        self.versions[aggregate_id] = self.versions.get(aggregate_id, 0) + 1
        return event_pb2.EventMeta(
            event_id=new_id(),
            owner_id=self.owner_id,
            aggregate_id=aggregate_id,
            version=self.versions[aggregate_id],
        )

    def track(
        self,
        track_id: str,
        status: str = "uploaded",
        *,
        title: str = "Song",
        minute: int = 0,
        seconds: float = 180.0,
        filename: str = "song.mp3",
        deleted: bool = False,
        **record: object,
    ) -> Fact:
        """A track changed."""
        meta = self._meta(track_id)
        track = ingest_pb2.Track(
            track_id=track_id,
            user_id=self.owner_id,
            title=title,
            original_filename=filename,
            status=ingest_pb2.TrackStatus.Value(f"TRACK_STATUS_{status.upper()}"),
            size_bytes=1000,
            create_time=to_timestamp(DAWN + timedelta(minutes=minute)),
            version=meta.version,
        )
        if status != "awaiting_upload":
            track.work.CopyFrom(work(minute, **record))
        if status == "uploaded":
            track.audio.CopyFrom(ingest_pb2.Audio(duration_seconds=seconds, sample_rate=44100, channels=2))
        fact = ingest_events.TrackChanged(meta=meta, track=track, deleted=deleted)
        return _told("track", "deleted" if deleted else status, meta, fact)

    def separation(
        self,
        separation_id: str,
        track_id: str,
        status: str,
        *,
        minute: int = 0,
        playable: float = 0.0,
        deleted: bool = False,
        **record: object,
    ) -> Fact:
        """A separation changed."""
        meta = self._meta(separation_id)
        types = (separation_pb2.STEM_TYPE_VOCALS, separation_pb2.STEM_TYPE_DRUMS) if status == "completed" else ()
        separation = separation_pb2.Separation(
            separation_id=separation_id,
            user_id=self.owner_id,
            track_id=track_id,
            status=separation_pb2.SeparationStatus.Value(f"SEPARATION_STATUS_{status.upper()}"),
            stems=[separation_pb2.Stem(stem_id=f"{separation_id}-{kind}", type=kind, size_bytes=500) for kind in types],
            work=work(minute, **record),
            version=meta.version,
            playable_seconds=playable,
        )
        fact = separation_events.SeparationChanged(meta=meta, separation=separation, deleted=deleted)
        return _told("separation", "deleted" if deleted else status, meta, fact)

    def analysis(
        self,
        analysis_id: str,
        track_id: str,
        status: str,
        *,
        tempo: float | None = None,
        camelot: str = "",
        minute: int = 0,
        deleted: bool = False,
        stored_bytes: int = 0,
        **record: object,
    ) -> Fact:
        """An analysis changed."""
        meta = self._meta(analysis_id)
        analysis = mir_pb2.Analysis(
            analysis_id=analysis_id,
            user_id=self.owner_id,
            track_id=track_id,
            status=mir_pb2.AnalysisStatus.Value(f"ANALYSIS_STATUS_{status.upper()}"),
            work=work(minute, **record),
            version=meta.version,
            stored_bytes=stored_bytes,
        )
        if tempo is not None:
            analysis.tempo.CopyFrom(mir_pb2.Tempo(bpm=tempo, confidence=0.9))
        if camelot:
            analysis.key.CopyFrom(mir_pb2.Key(name="A minor", camelot=camelot, confidence=0.8))
        fact = mir_events.AnalysisChanged(meta=meta, analysis=analysis, deleted=deleted)
        return _told("analysis", "deleted" if deleted else status, meta, fact)

    def fusion(
        self,
        fusion_id: str,
        status: str,
        *,
        title: str = "Fusion",
        minute: int = 0,
        deleted: bool = False,
        **record: object,
    ) -> Fact:
        """A fusion changed."""
        meta = self._meta(fusion_id)
        fusion = fusion_pb2.Fusion(
            fusion_id=fusion_id,
            user_id=self.owner_id,
            title=title,
            status=fusion_pb2.FusionStatus.Value(f"FUSION_STATUS_{status.upper()}"),
            work=work(minute, **record),
            version=meta.version,
        )
        fact = fusion_events.FusionChanged(meta=meta, fusion=fusion, deleted=deleted)
        return _told("fusion", "deleted" if deleted else status, meta, fact)

    def departure(self) -> Fact:
        """The account is gone."""
        meta = self._meta(self.owner_id)
        return _told("user", "deleted", meta, auth_events.UserChanged(meta=meta, deleted=True))
