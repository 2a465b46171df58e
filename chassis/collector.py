"""The collector: objects that no row points at are removed once they are older than a grace period."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from chassis.objects import ObjectKey, ObjectStore, age_seconds

log = logging.getLogger(__name__)

Live = Callable[[set[str]], Awaitable[dict[str, int | None]]]
"""Of these aggregate ids, those that have a row, each with the attempt its objects belong to (None: any attempt)."""

SAMPLE = 100


@dataclass(frozen=True)
class Garbage:
    """What a round found."""

    scanned: int
    orphans: int
    size_bytes: int
    sample: tuple[str, ...]


async def collect(store: ObjectStore, service: str, live: Live, grace_seconds: float, *, dry_run: bool) -> Garbage:
    """Remove (or, in a dry run, only count) the orphans among a service's objects."""
    stored = await store.below(f"{service}/")
    keyed = [(item, ObjectKey.parse(item.key)) for item in stored]
    rows = await live({key.aggregate_id for _, key in keyed})
    orphans = [
        item
        for item, key in keyed
        if age_seconds(item) >= grace_seconds
        and (key.aggregate_id not in rows or rows[key.aggregate_id] not in (None, key.attempt))
    ]
    if orphans and not dry_run:
        await store.remove([item.key for item in orphans])
        log.info("orphans removed", extra={"facts": {"service": service, "objects": len(orphans)}})
    return Garbage(
        len(stored),
        len(orphans),
        sum(item.size_bytes for item in orphans),
        tuple(i.key for i in orphans[:SAMPLE]),
    )
