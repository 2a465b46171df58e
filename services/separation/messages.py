"""Rows as the contract shows them, and the facts that are told about them."""

import uuid
from collections.abc import Iterable, Sequence

from puremusic.event.v1 import event_pb2
from puremusic.separation.v1 import events_pb2, separation_pb2
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import jobs, outbox
from chassis.jobs import Job
from chassis.work_record import now_timestamp, to_timestamp, to_work
from services.separation import reuse, separations, store
from services.separation.downloads import Download
from services.separation.engine.choice import Quality
from services.separation.engine.registry import ModelCard
from services.separation.formats import FLAC, MP3, WAV, Format
from services.separation.segment_store import SegmentRow, SegmentStem
from services.separation.store import RESIDUAL, SeparationRow, StemRow

STATUS = {
    "pending": separation_pb2.SEPARATION_STATUS_PENDING,
    "running": separation_pb2.SEPARATION_STATUS_SEPARATING,
    "completed": separation_pb2.SEPARATION_STATUS_COMPLETED,
    "failed": separation_pb2.SEPARATION_STATUS_FAILED,
    "cancelled": separation_pb2.SEPARATION_STATUS_CANCELLED,
}
FACTS = {**{state: state for state in STATUS}, "running": "separating"}
ENDED = {
    separation_pb2.SEPARATION_STATUS_COMPLETED,
    separation_pb2.SEPARATION_STATUS_FAILED,
    separation_pb2.SEPARATION_STATUS_CANCELLED,
}
STEM_TYPES = {
    "vocals": separation_pb2.STEM_TYPE_VOCALS,
    "drums": separation_pb2.STEM_TYPE_DRUMS,
    "bass": separation_pb2.STEM_TYPE_BASS,
    "other": separation_pb2.STEM_TYPE_OTHER,
    "guitar": separation_pb2.STEM_TYPE_GUITAR,
    "piano": separation_pb2.STEM_TYPE_PIANO,
    RESIDUAL: separation_pb2.STEM_TYPE_RESIDUAL,
}
QUALITIES = {
    Quality.DRAFT: separation_pb2.QUALITY_DRAFT,
    Quality.STANDARD: separation_pb2.QUALITY_STANDARD,
    Quality.BEST: separation_pb2.QUALITY_BEST,
}
QUALITY_NAMES = {number: quality for quality, number in QUALITIES.items()}
STEM_NAMES = {number: name for name, number in STEM_TYPES.items()}
FORMATS: dict[separation_pb2.AudioFormat.ValueType, Format] = {
    separation_pb2.AUDIO_FORMAT_UNSPECIFIED: FLAC,
    separation_pb2.AUDIO_FORMAT_FLAC: FLAC,
    separation_pb2.AUDIO_FORMAT_WAV: WAV,
    separation_pb2.AUDIO_FORMAT_MP3: MP3,
}


def stem_name(stem_type: separation_pb2.StemType.ValueType) -> str:
    """Return the engine's name of a stem, or one that no model has for an unspecified type."""
    return STEM_NAMES.get(stem_type, "unspecified")


def to_stem(row: SeparationRow, stem: StemRow) -> separation_pb2.Stem:
    """Return the stem as the contract shows it."""
    return separation_pb2.Stem(
        stem_id=stem.stem_id,
        separation_id=stem.separation_id,
        track_id=row.track_id,
        type=STEM_TYPES[stem.type],
        model=row.model_of(stem.type),
        duration_seconds=stem.frames / stem.sample_rate,
        frames=stem.frames,
        sample_rate=stem.sample_rate,
        channels=stem.channels,
        size_bytes=stem.size_bytes,
        sha256=stem.sha256,
        object_key=stem.object_key,
        attenuation_db=stem.attenuation_db,
        scale_bits=stem.scale_bits,
    )


def to_separation(row: SeparationRow, job: Job, stems: Sequence[StemRow]) -> separation_pb2.Separation:
    """Return the separation as the contract shows it; `stems` may hold the residual."""
    shown = separation_pb2.Separation(
        separation_id=row.separation_id,
        user_id=row.owner_id,
        track_id=row.track_id,
        model=row.model,
        status=STATUS[job.state],
        stem_types=[STEM_TYPES[stem_type] for stem_type in row.stem_types],
        stems=[to_stem(row, stem) for stem in stems if stem.type != RESIDUAL],
        work=to_work(job),
        version=row.version,
        stem_models=[
            separation_pb2.StemModel(type=STEM_TYPES[stem_type], model=model)
            for stem_type, model in row.stem_models.items()
        ],
        playable_seconds=playable_seconds(row, job, stems),
        reused=row.reused,
    )
    for stem in stems:
        if stem.type == RESIDUAL:
            shown.residual.CopyFrom(to_stem(row, stem))
    if row.null_exact is not None:
        shown.null_test.CopyFrom(separation_pb2.NullTest(exact=row.null_exact, depth_db=row.null_depth_db))
    return shown


def playable_seconds(row: SeparationRow, job: Job, stems: Sequence[StemRow]) -> float:
    """Return how much can be played, in seconds from the beginning: all of it once there are stems."""
    if stems:
        return stems[0].frames / stems[0].sample_rate
    return row.playable_frames / row.sample_rate if row.sample_rate and not job.ended else 0.0


def to_model(card: ModelCard, *, present: bool, is_default: bool, qualities: Iterable[Quality]) -> separation_pb2.Model:
    """Return the model as the contract shows it."""
    return separation_pb2.Model(
        name=card.name,
        stem_types=[STEM_TYPES[stem] for stem in card.stems],
        present=present,
        is_default=is_default,
        license=card.licence,
        description=card.citation,
        verified=card.verified,
        relative_cost=card.relative_cost,
        sdr_db=card.sdr_db or 0.0,
        qualities=[QUALITIES[quality] for quality in qualities],
    )


def to_in_progress(row: SeparationRow, job: Job) -> separation_pb2.StemsInProgress:
    """Return stems that are being made as the contract shows them."""
    return separation_pb2.StemsInProgress(
        separation_id=row.separation_id,
        model=row.model,
        stem_types=[STEM_TYPES[stem_type] for stem_type in row.stem_types],
        playable_seconds=playable_seconds(row, job, ()),
    )


def to_segment(segment: SegmentRow, pieces: Iterable[tuple[SegmentStem, Download]]) -> separation_pb2.Segment:
    """Return a segment as the contract shows it."""
    return separation_pb2.Segment(
        first_frame=segment.first_frame,
        frames=segment.frames,
        stems=[
            separation_pb2.SegmentStem(
                type=STEM_TYPES[stem.type],
                url=download.url,
                scale_bits=stem.scale_bits,
                size_bytes=stem.size_bytes,
            )
            for stem, download in pieces
        ],
    )


def to_download(download: Download) -> separation_pb2.DownloadUrl:
    """Return the address of a download as the contract shows it."""
    return separation_pb2.DownloadUrl(
        url=download.url,
        expire_time=to_timestamp(download.expires),
        filename=download.filename,
        size_bytes=download.size_bytes,
    )


async def shown(connection: AsyncConnection, row: SeparationRow) -> separation_pb2.Separation:
    """Return the separation as it stands now."""
    return to_separation(*(await separations.records(connection, [row]))[0])


async def announce(connection: AsyncConnection, separation_id: str) -> None:
    """Count a change of the separation and tell the world how it stands now."""
    await store.next_version(connection, separation_id)
    await tell(connection, separation_id)
    await reuse.ring_waiting(connection, separation_id)


async def announce_deleted(connection: AsyncConnection, separation_id: str) -> None:
    """Tell the world that the separation is about to be gone."""
    await store.next_version(connection, separation_id)
    await tell(connection, separation_id, deleted=True)


async def tell(connection: AsyncConnection, separation_id: str, *, deleted: bool = False) -> None:
    """Put the separation's present state into the outbox as a fact."""
    row = await store.by_id(connection, separation_id)
    job = await jobs.find(connection, separation_id)
    event_id = str(uuid.uuid4())
    meta = event_pb2.EventMeta(
        event_id=event_id, owner_id=row.owner_id, aggregate_id=separation_id, version=row.version, time=now_timestamp()
    )
    fact = events_pb2.SeparationChanged(meta=meta, separation=await shown(connection, row), deleted=deleted)
    verb = "deleted" if deleted else FACTS[job.state]
    subject = f"events.separation.{verb}.{row.owner_id}.{separation_id}"
    await outbox.append(connection, subject, fact.SerializeToString(), event_id)
