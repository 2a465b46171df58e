"""The use cases of the server: asking for an analysis, refining it, forgetting a track or a user."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import idempotency, jobs, outbox
from chassis.errors import NotFound
from chassis.jobs import Announce, JobConfig
from services.mir import store, track_store
from services.mir.config import POOL, SERVICE
from services.mir.documents import StemFile
from services.mir.store import AnalysisRow, Track


@dataclass(frozen=True)
class Announcing:
    """How the world hears of analyses that change, and of those that are about to be gone."""

    changed: Announce
    deleted: Announce


async def request(
    connection: AsyncConnection, config: JobConfig, track: Track, announcing: Announcing, *, limited: bool
) -> str:
    """Ask for an analysis of the track and return its id. One under way is kept, one that has ended is replaced.

    Raises `NotFound` when the track or its owner went while the caller asked.
    """
    if await outbox.buried(connection, track.owner_id, track.track_id):
        raise NotFound("TRACK_NOT_FOUND", "There is no such track.", track_id=track.track_id)
    await store.lock_track(connection, track.track_id)
    earlier = await store.of_track_any_owner(connection, track.track_id)
    if earlier:
        if not (await jobs.find(connection, earlier.analysis_id)).ended:
            return earlier.analysis_id
        await _forget(connection, earlier.analysis_id, announcing.deleted)
    analysis_id = str(uuid.uuid4())
    await jobs.enqueue(
        connection, config, job_id=analysis_id, owner_id=track.owner_id, service=SERVICE, pool=POOL, limited=limited
    )
    await store.insert(connection, analysis_id, track, earlier)
    await announcing.changed(connection, analysis_id)
    return analysis_id


async def refine(
    connection: AsyncConnection,
    config: JobConfig,
    owner_id: str,
    track_id: str,
    stems: Mapping[str, StemFile],
    announcing: Announcing,
) -> None:
    """Remember where stems of a track are, and have it heard again if it was heard without them.

    An analysis under way looks at its end whether stems have come meanwhile; a cancelled one stays so.
    """
    await store.lock_track(connection, track_id)
    known = await track_store.keep_stems(connection, track_id, owner_id, stems)
    present = await store.of_track_any_owner(connection, track_id)
    if present is None or present.stems == known:
        return
    job = await jobs.find(connection, present.analysis_id)
    if job.ended and job.state != "cancelled":
        await request(connection, config, present.track, announcing, limited=False)


async def find(connection: AsyncConnection, owner_id: str, track_id: str) -> AnalysisRow:
    """Return the owner's analysis of a track, or raise `NotFound`."""
    rows = await store.of_tracks(connection, owner_id, [track_id])
    if not rows:
        raise NotFound("ANALYSIS_NOT_FOUND", "This track has no analysis, or it is not yours. Ask for one first.")
    return rows[0]


async def forget_track(connection: AsyncConnection, track_id: str, announce_deleted: Announce) -> None:
    """Forget what is known about a track that is gone, and stop listening to it. Its objects are the caller's to remove."""
    row = await store.of_track_any_owner(connection, track_id)
    if row:
        await _forget(connection, row.analysis_id, announce_deleted)
    await track_store.forget_track(connection, track_id)


async def forget_owner(connection: AsyncConnection, owner_id: str, announce_deleted: Announce) -> None:
    """Forget everything of a user who is gone. Their objects are the caller's to remove."""
    for row in await store.of_owner(connection, owner_id):
        await _forget(connection, row.analysis_id, announce_deleted)
    await track_store.forget_owner(connection, owner_id)
    await idempotency.forget(connection, owner_id)


async def _forget(connection: AsyncConnection, analysis_id: str, announce_deleted: Announce) -> None:
    await announce_deleted(connection, analysis_id)
    await store.delete(connection, analysis_id)
