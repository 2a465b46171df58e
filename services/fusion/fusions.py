"""The use cases of the server: asking for a fusion, rating it, forgetting it."""

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import idempotency, jobs, outbox, paging
from chassis.errors import InvalidInput, NotFound, NotReady
from chassis.jobs import Announce, JobConfig
from chassis.objects import ObjectKey
from chassis.paging import Page
from services.fusion import store, titles
from services.fusion.config import POOL, SERVICE
from services.fusion.store import FusionRow, Result, Selection

MAX_STEMS = 32
MAX_COMMENT = 2000
GAIN_DB = (-60.0, 12.0)
PAN = (-1.0, 1.0)
STARS = (1, 5)


@dataclass(frozen=True)
class Wish:
    """What a user asks for: faders on stems, a title, and perhaps the fusion it revises."""

    owner_id: str
    title: str
    stems: tuple[Selection, ...]
    parent_fusion_id: str = ""


def check_faders(gains: Sequence[float], pans: Sequence[float]) -> None:
    """Raise `InvalidInput` unless there is a stem, not too many, and every fader is in its range."""
    if not gains:
        raise InvalidInput("NO_STEMS", "Choose at least one stem.")
    if len(gains) > MAX_STEMS:
        raise InvalidInput("TOO_MANY_STEMS", f"Choose at most {MAX_STEMS} stems.", limit=MAX_STEMS, used=len(gains))
    for gain in gains:
        if not GAIN_DB[0] <= gain <= GAIN_DB[1]:  # NaN is in no range either
            raise InvalidInput("GAIN_OUT_OF_RANGE", f"A gain of {gain:g} dB is not between -60 and 12.", gain_db=gain)
    for pan in pans:
        if not PAN[0] <= pan <= PAN[1]:
            raise InvalidInput("PAN_OUT_OF_RANGE", f"A pan of {pan:g} is not between -1 (left) and 1 (right).", pan=pan)


async def request(connection: AsyncConnection, config: JobConfig, wish: Wish, announce: Announce) -> str:
    """Ask for a fusion and return its id."""
    _check_distinct(wish.stems)
    title = titles.clean(wish.title)
    # They went while the stems were looked up.
    if await outbox.buried(connection, wish.owner_id, *{stem.track_id for stem in wish.stems}):
        raise NotFound("STEM_NOT_FOUND", "The track of a stem is gone. Choose another one.")
    revision = 1
    if wish.parent_fusion_id:
        revision = (await store.of_owner(connection, wish.owner_id, wish.parent_fusion_id)).revision + 1
    fusion_id = str(uuid.uuid4())
    await jobs.enqueue(connection, config, job_id=fusion_id, owner_id=wish.owner_id, service=SERVICE, pool=POOL)
    await store.insert(
        connection,
        FusionRow(
            fusion_id=fusion_id,
            owner_id=wish.owner_id,
            title=title or titles.of_stems([(stem.track_id, stem.type) for stem in wish.stems]),
            stems=wish.stems,
            parent_fusion_id=wish.parent_fusion_id,
            revision=revision,
            version=0,
            result=None,
            result_attempt=None,
            rating_stars=None,
            rating_comment="",
            created_at=datetime.now(UTC),
        ),
    )
    await announce(connection, fusion_id)
    return fusion_id


def _check_distinct(stems: Sequence[Selection]) -> None:
    most_common = Counter(stem.stem_id for stem in stems).most_common(1)
    if most_common and most_common[0][1] > 1:
        raise InvalidInput("DUPLICATE_STEM", "A stem can be chosen only once.", stem_id=most_common[0][0])


async def page(connection: AsyncConnection, owner_id: str, wanted: Page) -> list[FusionRow]:
    """Return one more of the owner's fusions than the page holds; raises `InvalidInput` for a token not of ours."""
    after = None
    if wanted.after is not None:
        try:
            moment, fusion_id = wanted.after
            after = datetime.fromisoformat(moment), fusion_id
        except ValueError:
            raise InvalidInput(
                "PAGE_TOKEN_INVALID", "The page token is not one of ours; start at the first page."
            ) from None
    return await store.page(connection, owner_id, wanted.size + 1, after)


def token_after(fusion: FusionRow) -> str:
    """Return the token of the page that follows this fusion."""
    return paging.token(fusion.created_at.isoformat(), fusion.fusion_id)


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


async def forget_track(connection: AsyncConnection, track_id: str, announce: Announce) -> None:
    """Cancel what still needs a stem of a track that is gone. Finished fusions stay."""
    for fusion_id in await store.unfinished_with_track(connection, track_id):
        await jobs.request_cancel(connection, fusion_id, announce)


async def forget_owner(connection: AsyncConnection, owner_id: str, announce_deleted: Announce) -> None:
    """Delete everything of a user who is gone. Its objects are the caller's to remove."""
    for fusion in await store.all_of_owner(connection, owner_id):
        await forget(connection, fusion, announce_deleted)
    await idempotency.forget(connection, owner_id)
