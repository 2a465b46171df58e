"""Rows as the contract shows them, and the facts that are told about them."""

import uuid

from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.message import Message
from puremusic.event.v1 import event_pb2
from puremusic.fusion.v1 import events_pb2, fusion_pb2
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import jobs, outbox
from chassis.jobs import Job
from chassis.work_record import now_timestamp, to_work
from services.fusion import store
from services.fusion.formats import FORMATS
from services.fusion.store import Document, FusionRow, Result, Selection

STATUS = {
    "pending": fusion_pb2.FUSION_STATUS_PENDING,
    "running": fusion_pb2.FUSION_STATUS_FUSING,
    "completed": fusion_pb2.FUSION_STATUS_COMPLETED,
    "failed": fusion_pb2.FUSION_STATUS_FAILED,
    "cancelled": fusion_pb2.FUSION_STATUS_CANCELLED,
}
FACTS = {**{state: state for state in STATUS}, "running": "fusing"}
ENDED = {fusion_pb2.FUSION_STATUS_COMPLETED, fusion_pb2.FUSION_STATUS_FAILED, fusion_pb2.FUSION_STATUS_CANCELLED}


def to_fusion(row: FusionRow, job: Job, *, planned: bool = True) -> fusion_pb2.Fusion:
    """Return a fusion with its job's record; its plan, which may be long, only where it is wanted."""
    asked = ParseDict(row.asked, fusion_pb2.CreateFusionRequest(), ignore_unknown_fields=True)
    fusion = fusion_pb2.Fusion(
        fusion_id=row.fusion_id,
        user_id=row.owner_id,
        title=row.title,
        status=STATUS[job.state],
        stems=asked.stems or map(_selected, row.stems),
        parent_fusion_id=row.parent_fusion_id,
        revision=row.revision,
        work=to_work(job),
        version=row.version,
        match=asked.match if asked.HasField("match") else None,
        length=asked.length if asked.HasField("length") else None,
        output=asked.output if asked.HasField("output") else None,
        preview=asked.preview if asked.HasField("preview") else None,
        balance=asked.balance,
    )
    if planned and row.plan is not None:
        ParseDict(row.plan, fusion.plan, ignore_unknown_fields=True)
    if row.result:
        fusion.result.CopyFrom(_result(row.result))
    if row.rating_stars:
        fusion.rating.CopyFrom(fusion_pb2.Rating(stars=row.rating_stars, comment=row.rating_comment))
    return fusion


def to_document(message: Message) -> Document:
    """Return what a row keeps of a message."""
    document: Document = MessageToDict(message, preserving_proto_field_name=True)
    return document


def _selected(stem: Selection) -> fusion_pb2.SelectedStem:
    return fusion_pb2.SelectedStem(
        stem_id=stem.stem_id,
        gain_db=stem.gain_db,
        pan=stem.pan,
        mute=stem.mute,
        track_id=stem.track_id,
        type=stem.type,
    )


def _result(result: Result) -> fusion_pb2.Result:
    return fusion_pb2.Result(
        duration_seconds=result.duration_seconds,
        frames=result.frames,
        sample_rate=result.sample_rate,
        loudness_lufs=result.loudness_lufs,
        true_peak_dbtp=result.true_peak_dbtp,
        applied_gain_db=result.applied_gain_db,
        files=[
            fusion_pb2.Result.File(format=FORMATS[file.format].number, size_bytes=file.size_bytes, sha256=file.sha256)
            for file in result.files
        ],
        warnings=[fusion_pb2.Notice(code=code, message=message) for code, message in result.warnings],
        limited_db=result.limited_db,
    )


async def announce(connection: AsyncConnection, fusion_id: str) -> None:
    """Count a change of the fusion and tell the world how it stands now."""
    await store.next_version(connection, fusion_id)
    await tell(connection, fusion_id)


async def announce_updated(connection: AsyncConnection, fusion_id: str) -> None:
    """Count a change that the owner made, and tell it."""
    await store.next_version(connection, fusion_id)
    await tell(connection, fusion_id, "updated")


async def announce_rated(connection: AsyncConnection, fusion_id: str) -> None:
    """Count a verdict and tell it."""
    await store.next_version(connection, fusion_id)
    await tell(connection, fusion_id, "rated")


async def announce_deleted(connection: AsyncConnection, fusion_id: str) -> None:
    """Tell the world that the fusion is about to be gone."""
    await store.next_version(connection, fusion_id)
    await tell(connection, fusion_id, "deleted")


async def tell(connection: AsyncConnection, fusion_id: str, verb: str = "") -> None:
    """Put the fusion's present state into the outbox as a fact."""
    row = await store.by_id(connection, fusion_id)
    job = await jobs.find(connection, fusion_id)
    event_id = str(uuid.uuid4())
    meta = event_pb2.EventMeta(
        event_id=event_id, owner_id=row.owner_id, aggregate_id=fusion_id, version=row.version, time=now_timestamp()
    )
    fact = events_pb2.FusionChanged(meta=meta, fusion=to_fusion(row, job, planned=False), deleted=verb == "deleted")
    subject = f"events.fusion.{verb or FACTS[job.state]}.{row.owner_id}.{fusion_id}"
    await outbox.append(connection, subject, fact.SerializeToString(), event_id)
