"""The collector: objects that no row points at are removed once they are older than a grace period."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from chassis.objects import ObjectKey, ObjectStore, age_seconds

log = logging.getLogger(__name__)

Attempts = int | frozenset[int] | None | Callable[[ObjectKey], bool]
"""The attempt, or attempts, that an aggregate's row points at; None: all of them; or a function that knows more exactly."""

Live = Callable[[set[str]], Awaitable[Mapping[str, Attempts]]]
"""Of these aggregate ids, those that have a row, each with the attempts whose objects are real."""

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
    orphans = [item for item, key in keyed if age_seconds(item) >= grace_seconds and not _is_live(key, rows)]
    if orphans and not dry_run:
        await store.remove([item.key for item in orphans])
        log.info("orphans removed", extra={"facts": {"service": service, "objects": len(orphans)}})
    return Garbage(
        len(stored),
        len(orphans),
        sum(item.size_bytes for item in orphans),
        tuple(i.key for i in orphans[:SAMPLE]),
    )


def _is_live(key: ObjectKey, rows: Mapping[str, Attempts]) -> bool:
    if key.aggregate_id not in rows:
        return False
    attempts = rows[key.aggregate_id]
    if callable(attempts):
        return attempts(key)
    return attempts is None or key.attempt in (attempts if isinstance(attempts, frozenset) else (attempts,))
