"""Rows as the contract shows them, and the facts that are told about them."""

import uuid

from puremusic.event.v1 import event_pb2
from puremusic.mir.v1 import events_pb2, mir_pb2
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import jobs, outbox
from chassis.jobs import Job
from chassis.work_record import now_timestamp, to_timestamp, to_work
from services.mir import store
from services.mir.analyses import Announcing
from services.mir.analysis.corrections import NO_CORRECTIONS, corrected
from services.mir.drawings import FEATURES, SPECTROGRAM, DrawnFile
from services.mir.findings_messages import add_corrections, add_findings, add_heard
from services.mir.store import AnalysisRow

STATUS = {
    "pending": mir_pb2.ANALYSIS_STATUS_PENDING,
    "running": mir_pb2.ANALYSIS_STATUS_ANALYSING,
    "completed": mir_pb2.ANALYSIS_STATUS_COMPLETED,
    "failed": mir_pb2.ANALYSIS_STATUS_FAILED,
    "cancelled": mir_pb2.ANALYSIS_STATUS_CANCELLED,
}
FACTS = {**{state: state for state in STATUS}, "running": "analysing"}
ENDED = {mir_pb2.ANALYSIS_STATUS_COMPLETED, mir_pb2.ANALYSIS_STATUS_FAILED, mir_pb2.ANALYSIS_STATUS_CANCELLED}
FILE_KINDS = {
    SPECTROGRAM: mir_pb2.ANALYSIS_FILE_KIND_SPECTROGRAM,
    FEATURES: mir_pb2.ANALYSIS_FILE_KIND_FEATURES,
}


def to_analysis(row: AnalysisRow, job: Job, *, full: bool = False) -> mir_pb2.Analysis:
    """Return an analysis, corrected, with its job's record; in the BASIC view unless `full`."""
    analysis = mir_pb2.Analysis(
        analysis_id=row.analysis_id,
        user_id=row.track.owner_id,
        track_id=row.track.track_id,
        status=STATUS[job.state],
        duration_seconds=row.track.duration_seconds,
        work=to_work(job),
        version=row.version,
        stored_bytes=sum(row.files.values()),
    )
    if row.heard:
        add_findings(analysis, corrected(row.heard, row.corrections), full=full)
        if row.corrections != NO_CORRECTIONS:
            add_heard(analysis, row.heard)
    add_corrections(analysis, row.corrections)
    return analysis


def to_file(drawn: DrawnFile) -> mir_pb2.AnalysisFile:
    """Return the address of a file as the contract shows it."""
    return mir_pb2.AnalysisFile(
        kind=FILE_KINDS[drawn.name],
        url=drawn.url,
        expire_time=to_timestamp(drawn.expires),
        filename=drawn.name,
        size_bytes=drawn.size_bytes,
    )


async def announce(connection: AsyncConnection, analysis_id: str) -> None:
    """Count a change of the analysis and tell the world how it stands now."""
    await store.next_version(connection, analysis_id)
    await tell(connection, analysis_id)


async def announce_deleted(connection: AsyncConnection, analysis_id: str) -> None:
    """Tell the world that the analysis is about to be gone."""
    await store.next_version(connection, analysis_id)
    await tell(connection, analysis_id, deleted=True)


ANNOUNCING = Announcing(changed=announce, deleted=announce_deleted)


async def tell(connection: AsyncConnection, analysis_id: str, *, deleted: bool = False) -> None:
    """Put the analysis' present state into the outbox as a fact."""
    row = await store.by_id(connection, analysis_id)
    job = await jobs.find(connection, analysis_id)
    event_id = str(uuid.uuid4())
    meta = event_pb2.EventMeta(
        event_id=event_id,
        owner_id=row.track.owner_id,
        aggregate_id=analysis_id,
        version=row.version,
        time=now_timestamp(),
    )
    fact = events_pb2.AnalysisChanged(meta=meta, analysis=to_analysis(row, job), deleted=deleted)
    verb = "deleted" if deleted else FACTS[job.state]
    subject = f"events.analysis.{verb}.{row.track.owner_id}.{analysis_id}"
    await outbox.append(connection, subject, fact.SerializeToString(), event_id)
