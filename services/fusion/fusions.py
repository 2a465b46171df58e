"""The use cases of the server: asking for a fusion, renaming it, rating it, forgetting it."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import idempotency, jobs, outbox
from chassis.errors import InvalidInput, NotFound, NotReady
from chassis.jobs import Announce, JobConfig
from chassis.objects import ObjectKey
from services.fusion import store, titles
from services.fusion.config import POOL, SERVICE
from services.fusion.store import Document, FusionRow, RenderedFile, Result, Selection

MAX_COMMENT = 2000
STARS = (1, 5)
USUAL_FILE = "wav"
PREVIEWS_KEPT = timedelta(days=1)


@dataclass(frozen=True)
class Order:
    """A fusion that was asked for, as it was decided.

    Attributes:
        title: as it is shown.
        stems: what it is made of.
        commission: what is rendered: a receipt without its result, as JSON.
        asked: the request as JSON.
        plan: what was decided, as the contract shows it.
        preview: whether only a part of the song is rendered.
    """

    owner_id: str
    title: str
    stems: tuple[Selection, ...]
    commission: str
    asked: Document
    plan: Document | None = None
    parent_fusion_id: str = ""
    preview: bool = False


def titled(title: str, stems: Sequence[Selection]) -> str:
    """Return what a fusion of these stems is called: as its owner says, or by its stems."""
    return titles.clean(title) or titles.of_stems([(stem.track_id, stem.type) for stem in stems])


async def request(connection: AsyncConnection, config: JobConfig, order: Order, announce: Announce) -> str:
    """Ask for a fusion and return its id."""
    # They went while the stems were looked up.
    if await outbox.buried(connection, order.owner_id, *{stem.track_id for stem in order.stems}):
        raise NotFound("STEM_NOT_FOUND", "The track of a stem is gone. Choose another one.")
    revision = 1
    if order.parent_fusion_id:
        revision = (await store.of_owner(connection, order.owner_id, order.parent_fusion_id)).revision + 1
    fusion_id = str(uuid.uuid4())
    await jobs.enqueue(connection, config, job_id=fusion_id, owner_id=order.owner_id, service=SERVICE, pool=POOL)
    await store.insert(
        connection,
        FusionRow(
            fusion_id=fusion_id,
            owner_id=order.owner_id,
            title=order.title,
            stems=order.stems,
            parent_fusion_id=order.parent_fusion_id,
            revision=revision,
            version=0,
            result=None,
            result_attempt=None,
            rating_stars=None,
            rating_comment="",
            created_at=datetime.now(UTC),
            asked=order.asked,
            plan=order.plan,
            preview=order.preview,
        ),
        order.commission,
    )
    await announce(connection, fusion_id)
    return fusion_id


async def rename(connection: AsyncConnection, owner_id: str, fusion_id: str, title: str, announce: Announce) -> None:
    """Give a fusion another title."""
    fusion = await store.of_owner(connection, owner_id, fusion_id)
    cleaned = titles.clean(title)
    if not cleaned:
        raise InvalidInput("TITLE_EMPTY", "A title needs at least one visible character.", field="title")
    if cleaned != fusion.title:
        await store.set_title(connection, fusion_id, cleaned)
        await announce(connection, fusion_id)


async def rate(
    connection: AsyncConnection, owner_id: str, fusion_id: str, stars: int, comment: str, announce: Announce
) -> None:
    """Keep the owner's verdict on a finished fusion."""
    if not STARS[0] <= stars <= STARS[1]:
        raise InvalidInput("STARS_OUT_OF_RANGE", "Give 1 to 5 stars.", stars=stars)
    if len(comment) > MAX_COMMENT:
        raise InvalidInput("COMMENT_TOO_LONG", f"A comment has at most {MAX_COMMENT} characters.", limit=MAX_COMMENT)
    finished(await store.of_owner(connection, owner_id, fusion_id))
    await store.rate(connection, fusion_id, stars, comment)
    await announce(connection, fusion_id)


def finished(fusion: FusionRow) -> Result:
    """Return the result, or raise `NotReady`."""
    if fusion.result is None:
        raise NotReady("FUSION_NOT_READY", "The fusion is not finished: wait until it is 'completed'.")
    return fusion.result


def file_of(result: Result, kind: str) -> RenderedFile:
    """Return the file of this format; without one the WAV, or whatever is first. Raises `NotFound`."""
    made = {file.format: file for file in result.files}
    if not kind:
        return made.get(USUAL_FILE, result.files[0])
    if kind not in made:
        raise NotFound(
            "FORMAT_NOT_RENDERED", f"The fusion was not made as {kind}: it is there as {', '.join(made)}.", format=kind
        )
    return made[kind]


def object_key(fusion: FusionRow, name: str) -> ObjectKey:
    """Return where a file of a finished fusion lies."""
    return ObjectKey(SERVICE, fusion.owner_id, fusion.fusion_id, fusion.result_attempt or 0, name)


def owner_prefix(owner_id: str) -> str:
    """Return what all objects of a user begin with."""
    return f"{SERVICE}/{owner_id}/"


def prefix(fusion: FusionRow) -> str:
    """Return what all objects of a fusion begin with."""
    return f"{owner_prefix(fusion.owner_id)}{fusion.fusion_id}/"


async def forget(connection: AsyncConnection, fusion: FusionRow, announce_deleted: Announce) -> None:
    """Delete a fusion. Its objects are removed after the commit, by the caller or by the collector."""
    await announce_deleted(connection, fusion.fusion_id)
    await store.delete(connection, fusion.fusion_id)


async def forget_old_previews(
    connection: AsyncConnection, owner_id: str, announce_deleted: Announce
) -> list[FusionRow]:
    """Delete the owner's previews that nobody needs any more. Their objects are the caller's to remove."""
    old = await store.previews_of(connection, owner_id, datetime.now(UTC) - PREVIEWS_KEPT)
    for preview in old:
        await forget(connection, preview, announce_deleted)
    return old


async def forget_track(connection: AsyncConnection, track_id: str, announce: Announce) -> None:
    """Cancel what still needs a stem of a track that is gone. Finished fusions stay."""
    for fusion_id in await store.unfinished_with_track(connection, track_id):
        await jobs.request_cancel(connection, fusion_id, announce)


async def forget_owner(connection: AsyncConnection, owner_id: str, announce_deleted: Announce) -> None:
    """Delete everything of a user who is gone. Its objects are the caller's to remove."""
    for fusion in await store.all_of_owner(connection, owner_id):
        await forget(connection, fusion, announce_deleted)
    await idempotency.forget(connection, owner_id)
