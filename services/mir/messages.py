"""Rows as the contract shows them, and the facts that are told about them."""

import uuid

from puremusic.event.v1 import event_pb2
from puremusic.mir.v1 import events_pb2, mir_pb2
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import jobs, outbox
from chassis.jobs import Job
from chassis.work_record import now_timestamp, to_work
from services.mir import store
from services.mir.analyses import Announcing
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
MODES = {"major": mir_pb2.MODE_MAJOR, "minor": mir_pb2.MODE_MINOR}

# The Camelot wheel: numbers go up by fifths; B is major, A minor. C major is 8B, A minor 8A.
_FIFTHS_FROM_C = 7
_CAMELOT_OF_C = 8


def camelot(tonic: int, mode: str) -> str:
    """Return the Camelot code of a key, `1A` to `12B`."""
    major = tonic if mode == "major" else (tonic + 3) % 12
    number = (_CAMELOT_OF_C - 1 + major * _FIFTHS_FROM_C) % 12 + 1
    return f"{number}{'B' if mode == 'major' else 'A'}"


def to_analysis(row: AnalysisRow, job: Job) -> mir_pb2.Analysis:
    """Return an analysis with its job's record."""
    found = row.findings
    analysis = mir_pb2.Analysis(
        analysis_id=row.analysis_id,
        user_id=row.owner_id,
        track_id=row.track_id,
        status=STATUS[job.state],
        duration_seconds=row.duration_seconds,
        loudness_lufs=found.loudness_lufs,
        tuning_cents=found.tuning_cents,
        work=to_work(job),
        version=row.version,
    )
    if found.tempo_bpm is not None:
        analysis.tempo.CopyFrom(mir_pb2.Tempo(bpm=found.tempo_bpm, confidence=found.tempo_confidence or 0.0))
    if found.key_tonic is not None and found.key_mode is not None:
        analysis.key.CopyFrom(
            mir_pb2.Key(
                tonic=found.key_tonic,
                mode=MODES[found.key_mode],
                name=found.key_name,
                confidence=found.key_confidence or 0.0,
                camelot=camelot(found.key_tonic, found.key_mode),
            )
        )
    return analysis


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
        event_id=event_id, owner_id=row.owner_id, aggregate_id=analysis_id, version=row.version, time=now_timestamp()
    )
    fact = events_pb2.AnalysisChanged(meta=meta, analysis=to_analysis(row, job), deleted=deleted)
    verb = "deleted" if deleted else FACTS[job.state]
    subject = f"events.analysis.{verb}.{row.owner_id}.{analysis_id}"
    await outbox.append(connection, subject, fact.SerializeToString(), event_id)
