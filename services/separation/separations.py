"""The use cases of the server: asking for a separation, finding what was asked for, forgetting a track or a user."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import jobs, paging
from chassis.errors import InvalidInput, NotFound, NotReady
from chassis.jobs import Announce, Job, JobConfig
from chassis.paging import Page
from services.separation import reuse, segment_store, store
from services.separation.config import SERVICE
from services.separation.engine.registry import ModelCard
from services.separation.models import not_present
from services.separation.segment_store import SegmentRow
from services.separation.store import RESIDUAL, SeparationRow, StemRow


@dataclass(frozen=True)
class Track:
    """What a separation needs to know of a track."""

    track_id: str
    owner_id: str
    title: str
    master_key: str
    content_hash: str
    sample_rate: int
    channels: int


@dataclass(frozen=True)
class Order:
    """What is asked for: some of a model's stems, in the model's order, and stems by other models."""

    model: str
    stem_types: tuple[str, ...]
    stem_models: Mapping[str, str] = field(default_factory=dict)
    """The stems that are made by another model than `model`, each with its name."""

    @property
    def models(self) -> set[str]:
        """The models that make at least one of the stems."""
        return {self.stem_models.get(stem, self.model) for stem in self.stem_types}


@dataclass(frozen=True)
class Terms:
    """On which terms it is asked for."""

    jobs: JobConfig
    pool: str
    limited: bool
    """Whether the owner's limit of unfinished jobs counts."""
    absent: str = ""
    """A model without weights, because of which no new one may be begun."""


def order(card: ModelCard, stem_types: Iterable[str], chosen: Mapping[str, ModelCard] = MappingProxyType({})) -> Order:
    """Return the order for these stems, or for all of the model if none are named, and for those `chosen` of other models.

    Raises `InvalidInput` for a stem that its model has not.
    """
    wanted = set(stem_types) or set(card.stems)
    for stem in sorted(wanted.difference(chosen)):
        _require_stem(card, stem)
    for stem, other in chosen.items():
        _require_stem(other, stem)
    stems = (
        *(stem for stem in card.stems if stem in wanted.union(chosen)),
        *sorted(set(chosen).difference(card.stems)),
    )
    others = {stem: chosen[stem].name for stem in stems if stem in chosen and chosen[stem].name != card.name}
    return Order(card.name, stems, others)


def _require_stem(card: ModelCard, stem: str) -> None:
    if stem not in card.stems:
        raise InvalidInput(
            "UNKNOWN_STEM",
            f"The model {card.name} has no stem '{stem}'; it has {', '.join(card.stems)}.",
            model=card.name,
            stem=stem,
        )


async def request(connection: AsyncConnection, track: Track, wanted: Order, terms: Terms, announce: Announce) -> str:
    """Ask for a separation and return its id: that of an equal one, unless it failed or was cancelled."""
    await store.lock_owner(connection, track.owner_id)
    if await store.any_gone(connection, (track.track_id, track.owner_id)):
        raise NotFound("TRACK_NOT_FOUND", "There is no such track.", track_id=track.track_id)
    present = await store.equal(
        connection, track.owner_id, track.track_id, wanted.model, wanted.stem_types, wanted.stem_models
    )
    if present:
        return present
    if terms.absent:
        raise not_present(terms.absent)
    return await _insert(connection, track, wanted, terms, announce)


async def _insert(connection: AsyncConnection, track: Track, wanted: Order, terms: Terms, announce: Announce) -> str:
    separation_id = str(uuid.uuid4())
    await jobs.enqueue(
        connection,
        terms.jobs,
        job_id=separation_id,
        owner_id=track.owner_id,
        service=SERVICE,
        pool=terms.pool,
        limited=terms.limited,
    )
    await store.insert(
        connection,
        separation_id=separation_id,
        owner_id=track.owner_id,
        track_id=track.track_id,
        title=track.title,
        master_key=track.master_key,
        content_hash=track.content_hash,
        sample_rate=track.sample_rate,
        channels=track.channels,
        model=wanted.model,
        stem_types=wanted.stem_types,
        stem_models=wanted.stem_models,
    )
    await announce(connection, separation_id)
    return separation_id


async def find(connection: AsyncConnection, owner_id: str, separation_id: str) -> SeparationRow:
    """Return the owner's separation, or raise `NotFound`."""
    row = await store.by_id(connection, separation_id)
    if row.owner_id != owner_id:
        raise NotFound("SEPARATION_NOT_FOUND", "There is no such separation.")
    return row


async def completed(
    connection: AsyncConnection, owner_id: str, separation_id: str
) -> tuple[SeparationRow, Job, list[StemRow]]:
    """Return the owner's separation with its stems and residual, or raise `NotFound` or `NotReady`."""
    row = await find(connection, owner_id, separation_id)
    job = await jobs.find(connection, separation_id)
    if job.state != "completed":
        raise NotReady("SEPARATION_NOT_COMPLETED", "This separation has no stems yet: wait until it is 'completed'.")
    stems = await store.stems_of(connection, [separation_id])
    return row, job, ordered(row, stems[separation_id])


async def finished_segments(
    connection: AsyncConnection, owner_id: str, separation_id: str, from_frame: int, limit: int
) -> tuple[SeparationRow, Job, list[SegmentRow]]:
    """Return the owner's separation with those of its segments that end after `from_frame`; none once it has ended."""
    row = await find(connection, owner_id, separation_id)
    job = await jobs.find(connection, separation_id)
    rows = [] if job.ended else await segment_store.of(connection, separation_id, from_frame, limit)
    return row, job, rows


async def find_stems(
    connection: AsyncConnection, owner_id: str, stem_ids: Sequence[str]
) -> list[tuple[SeparationRow, StemRow]]:
    """Return these of the owner's stems with their separations, in this order, or raise `NotFound` for the first missing."""
    found = await store.stems_by_id(connection, owner_id, stem_ids)
    for stem_id in stem_ids:
        if stem_id not in found:
            raise NotFound("STEM_NOT_FOUND", "There is no such stem.", stem_id=stem_id)
    return [found[stem_id] for stem_id in stem_ids]


async def page(connection: AsyncConnection, owner_id: str, track_id: str, wanted: Page) -> list[SeparationRow]:
    """Return one more of the owner's separations than the page holds; raises `InvalidInput` for a token not of ours."""
    after = None
    if wanted.after is not None:
        try:
            moment, separation_id = wanted.after
            after = datetime.fromisoformat(moment), separation_id
        except ValueError:
            raise InvalidInput(
                "PAGE_TOKEN_INVALID", "The page token is not one of ours; start at the first page."
            ) from None
    return await store.page(connection, owner_id, track_id, wanted.size + 1, after)


def token_after(row: SeparationRow) -> str:
    """Return the token of the page that follows this separation."""
    return paging.token(row.created_at.isoformat(), row.separation_id)


def ordered(row: SeparationRow, stems: Sequence[StemRow]) -> list[StemRow]:
    """Return the stems in the order in which they were asked for, the residual last."""
    places = {stem_type: place for place, stem_type in enumerate((*row.stem_types, RESIDUAL))}
    return sorted(stems, key=lambda stem: places[stem.type])


async def records(
    connection: AsyncConnection, rows: Sequence[SeparationRow]
) -> list[tuple[SeparationRow, Job, list[StemRow]]]:
    """Return these separations with their jobs and stems."""
    ids = [row.separation_id for row in rows]
    found, stems = await jobs.find_many(connection, ids), await store.stems_of(connection, ids)
    return [(row, found[row.separation_id], ordered(row, stems[row.separation_id])) for row in rows]


async def forget_track(
    connection: AsyncConnection, owner_id: str, track_id: str, announce_deleted: Announce
) -> set[str]:
    """Forget a track that is gone, stop working on it, and return the prefixes of the objects that nobody may need now."""
    await store.lock_owner(connection, owner_id)
    await store.mark_gone(connection, track_id)
    return await _forget(connection, await store.of_track(connection, track_id), announce_deleted)


async def forget_owner(connection: AsyncConnection, owner_id: str, announce_deleted: Announce) -> set[str]:
    """Forget everything of a user who is gone, as `forget_track` does."""
    await store.lock_owner(connection, owner_id)
    await store.mark_gone(connection, owner_id)
    prefixes = await _forget(connection, await store.of_owner(connection, owner_id), announce_deleted)
    own = f"{SERVICE}/{owner_id}/"
    return {own, *(prefix for prefix in prefixes if not prefix.startswith(own))}


async def _forget(connection: AsyncConnection, rows: list[SeparationRow], announce_deleted: Announce) -> set[str]:
    separation_ids = [row.separation_id for row in rows]
    stems = await store.stems_of(connection, separation_ids)
    for separation_id in separation_ids:
        await announce_deleted(connection, separation_id)
    await store.delete(connection, separation_ids)
    for computed in sorted({row.recipe for row in rows if row.computing is not None}):
        await reuse.wake_waiting(connection, computed)
    taken_over = (stem.object_key.rpartition("/")[0] for row in rows if row.reused for stem in stems[row.separation_id])
    return {f"{SERVICE}/{row.owner_id}/{row.separation_id}/" for row in rows} | {f"{key}/" for key in taken_over}
