"""The use cases that end tracks. Rows go in the transaction, objects after it; the collector removes what a crash leaves."""

import logging
from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import outbox
from chassis.errors import InvalidInput, Unavailable
from chassis.jobs import Announce
from chassis.objects import ObjectStore, StoreError
from services.ingest import blocklist, owners, store
from services.ingest.store import TrackRow

log = logging.getLogger(__name__)

LONGEST_REASON = 1000


async def forget(connection: AsyncConnection, tracks: Sequence[TrackRow], announce_deleted: Announce) -> None:
    """Delete tracks and stop what is being done to them."""
    for track in tracks:
        await announce_deleted(connection, track.track_id)
        await store.delete(connection, track.track_id)


async def forget_owner(connection: AsyncConnection, owner_id: str, announce_deleted: Announce) -> list[TrackRow]:
    """Delete everything of a user who is gone, and let a token that outlives them add nothing. Returns their tracks."""
    await outbox.bury(connection, owner_id)
    await owners.forget_requests(connection, owner_id)
    tracks = await store.of_owner(connection, owner_id)
    await forget(connection, tracks, announce_deleted)
    return tracks


async def take_down(
    connection: AsyncConnection, digest: str, reason: str, operator_id: str, announce_deleted: Announce
) -> list[TrackRow]:
    """Block a hash and delete every user's tracks that have it. Returns them."""
    if len(reason) > LONGEST_REASON:
        raise InvalidInput("REASON_TOO_LONG", f"A reason has at most {LONGEST_REASON} characters.", field="reason")
    await blocklist.add(connection, blocklist.digest(digest, "content_hash"), reason, operator_id)
    tracks = await store.with_hash(connection, digest.lower())
    await forget(connection, tracks, announce_deleted)
    return tracks


async def clear(objects: ObjectStore, tracks: Sequence[TrackRow]) -> bool:
    """Remove all objects of tracks whose deletion is committed. False: some are left, for the collector or another try."""
    try:
        for track in tracks:
            if track.upload_id and not track.upload_completed_at:
                await objects.abort_parts(track.original, track.upload_id)
            await objects.remove_prefix(track.prefix)
    except (Unavailable, StoreError) as error:
        log.warning("objects left behind", extra={"facts": {"tracks": len(tracks), "error": repr(error)}})
        return False
    return True
