"""The use cases of a track's owner: announcing a track, renaming it."""

import uuid
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import outbox
from chassis.errors import Exhausted, InvalidInput, NotReady, Unauthenticated
from chassis.jobs import Announce
from services.ingest import blocklist, filenames, owners, store, titles
from services.ingest.config import QuotaConfig
from services.ingest.store import NewTrack, TrackRow

LONGEST_FILENAME_BYTES = 1024


@dataclass(frozen=True)
class Announcement:
    """What a user says about a file that they want to upload."""

    owner_id: str
    filename: str
    title: str
    size_bytes: int
    sha256: str
    rights_confirmed: bool
    process: bool


def admit(said: Announcement, max_bytes: int) -> NewTrack:
    """Return the track that is announced, or raise what is wrong with the announcement itself."""
    if not said.rights_confirmed:
        raise NotReady(
            "RIGHTS_NOT_CONFIRMED", "Confirm that you have the right to use this song; nothing is taken in without."
        )
    if len(said.filename.encode()) > LONGEST_FILENAME_BYTES:
        raise InvalidInput(
            "FILENAME_TOO_LONG",
            f"A file's name has at most {LONGEST_FILENAME_BYTES} bytes. Rename the file.",
            limit=LONGEST_FILENAME_BYTES,
        )
    _check_size(said.size_bytes, max_bytes)
    filename = filenames.clean(said.filename)
    return NewTrack(
        track_id=str(uuid.uuid4()),
        owner_id=said.owner_id,
        title=titles.clean(said.title) or titles.of_file(filename),
        filename=filename,
        process=said.process,
        size_bytes=said.size_bytes,
        declared_sha256=blocklist.digest(said.sha256, "sha256") if said.sha256 else "",
    )


def _check_size(size_bytes: int, max_bytes: int) -> None:
    if size_bytes <= 0:
        raise InvalidInput(
            "EMPTY", "The file is empty. Check that it plays on your computer.", field="size_bytes", used=size_bytes
        )
    if size_bytes > max_bytes:
        raise InvalidInput(
            "FILE_TOO_LARGE",
            f"The file has {size_bytes / 1e6:.1f} MB, and at most {max_bytes / 1e6:.0f} MB are taken."
            " Upload it as FLAC or MP3, or upload a shorter part.",
            limit=max_bytes,
            used=size_bytes,
        )


async def create(connection: AsyncConnection, quota: QuotaConfig, track: NewTrack, announce: Announce) -> str:
    """Add an admitted track within its owner's quota and return its id."""
    await owners.lock(connection, track.owner_id)
    if await outbox.buried(connection, track.owner_id):  # a token may outlive its user by minutes
        raise Unauthenticated("ACCOUNT_DELETED", "This account was deleted.")
    _check_quota(await owners.usage(connection, track.owner_id), quota, track.size_bytes)
    if track.declared_sha256:
        await blocklist.check(connection, [track.declared_sha256])
    await store.insert(connection, track)
    await announce(connection, track.track_id)
    return track.track_id


def _check_quota(used: owners.Usage, quota: QuotaConfig, size_bytes: int) -> None:
    if used.tracks >= quota.tracks:
        raise Exhausted(
            "TRACK_QUOTA",
            f"You keep {used.tracks} tracks, and {quota.tracks} are allowed. Delete one first.",
            limit=quota.tracks,
            used=used.tracks,
        )
    if used.storage_bytes + size_bytes > quota.storage_bytes:
        raise Exhausted(
            "STORAGE_QUOTA",
            f"Your tracks have {used.storage_bytes / 1e6:.1f} MB, this one has {size_bytes / 1e6:.1f} MB, and"
            f" {quota.storage_bytes / 1e6:.0f} MB are allowed. Delete some first.",
            limit=quota.storage_bytes,
            used=used.storage_bytes,
            requested=size_bytes,
        )


async def rename(connection: AsyncConnection, track: TrackRow, title: str, announce: Announce) -> None:
    """Give a track another title."""
    cleaned = titles.clean(title)
    if not cleaned:
        raise InvalidInput("TITLE_EMPTY", "A title needs at least one visible character.", field="title")
    if cleaned != track.title:
        await store.set_title(connection, track.track_id, cleaned)
        await announce(connection, track.track_id)
