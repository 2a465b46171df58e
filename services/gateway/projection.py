"""The use case behind the read model: a fact is folded in, if it is newer than what is known."""

from collections.abc import Awaitable, Callable

from puremusic.auth.v1 import events_pb2 as auth_events
from puremusic.event.v1 import event_pb2
from puremusic.fusion.v1 import events_pb2 as fusion_events
from puremusic.gateway.v1 import gateway_pb2
from puremusic.ingest.v1 import events_pb2 as ingest_events
from puremusic.mir.v1 import events_pb2 as mir_events
from puremusic.separation.v1 import events_pb2 as separation_events
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import outbox
from services.gateway import folding
from services.gateway.store import model

Touched = tuple[str, str] | None
"""The owner and the job whose view changed."""


async def apply(connection: AsyncConnection, subject: str, payload: bytes) -> Touched:
    """Fold one fact in, and return whose view of which job changed; None: nobody's."""
    aggregate = subject.split(".")[1]
    return await _APPLY[aggregate](connection, payload)


async def _is_news(connection: AsyncConnection, meta: event_pb2.EventMeta, *, deleted: bool) -> bool:
    """Say whether a fact tells something new. A deletion is final; so is the departure of an owner, for all they had."""
    if await outbox.buried(connection, meta.owner_id):
        return False
    if deleted:
        return await outbox.bury(connection, meta.aggregate_id)
    return await outbox.newer(connection, meta.aggregate_id, meta.version)


async def _track(connection: AsyncConnection, payload: bytes) -> Touched:
    fact = ingest_events.TrackChanged.FromString(payload)
    if not await _is_news(connection, fact.meta, deleted=fact.deleted):
        return None
    if fact.deleted:
        await model.delete_track(connection, fact.meta.aggregate_id)
    else:
        await model.upsert_track(connection, fact.track)
    job = folding.job_of_track(fact.track)
    if job is None:
        return None
    return await _keep(connection, fact.meta, job, folding.bytes_of_track(fact.track), deleted=fact.deleted)


async def _separation(connection: AsyncConnection, payload: bytes) -> Touched:
    fact = separation_events.SeparationChanged.FromString(payload)
    if not await _is_news(connection, fact.meta, deleted=fact.deleted):
        return None
    if fact.deleted:
        await model.delete_separation(connection, fact.meta.aggregate_id)
    else:
        await model.upsert_separation(connection, fact.separation)
    job, stored = folding.job_of_separation(fact.separation), folding.bytes_of_separation(fact.separation)
    return await _keep(connection, fact.meta, job, stored, deleted=fact.deleted)


async def _analysis(connection: AsyncConnection, payload: bytes) -> Touched:
    fact = mir_events.AnalysisChanged.FromString(payload)
    if not await _is_news(connection, fact.meta, deleted=fact.deleted):
        return None
    if fact.deleted:
        await model.delete_analysis(connection, fact.meta.aggregate_id)
    else:
        await model.upsert_analysis(connection, fact.analysis)
    job, stored = folding.job_of_analysis(fact.analysis), fact.analysis.stored_bytes
    return await _keep(connection, fact.meta, job, stored, deleted=fact.deleted)


async def _fusion(connection: AsyncConnection, payload: bytes) -> Touched:
    fact = fusion_events.FusionChanged.FromString(payload)
    if not await _is_news(connection, fact.meta, deleted=fact.deleted):
        return None
    stored = sum(file.size_bytes for file in fact.fusion.result.files)
    return await _keep(connection, fact.meta, folding.job_of_fusion(fact.fusion), stored, deleted=fact.deleted)


async def _user(connection: AsyncConnection, payload: bytes) -> Touched:
    fact = auth_events.UserChanged.FromString(payload)
    if fact.deleted and await outbox.bury(connection, fact.meta.owner_id):
        await model.delete_owner(connection, fact.meta.owner_id)
    return None


async def _keep(
    connection: AsyncConnection, meta: event_pb2.EventMeta, job: gateway_pb2.Job, stored_bytes: int, *, deleted: bool
) -> Touched:
    await model.upsert_job(connection, meta.owner_id, job, stored_bytes, deleted=deleted)
    return meta.owner_id, meta.aggregate_id


_APPLY: dict[str, Callable[[AsyncConnection, bytes], Awaitable[Touched]]] = {
    "track": _track,
    "separation": _separation,
    "analysis": _analysis,
    "fusion": _fusion,
    "user": _user,
}

AGGREGATES = tuple(_APPLY)
"""Of what there is a view. Facts about anything else are not asked for."""
