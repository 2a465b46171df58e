"""The collector removes what no row points at, and nothing else."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from chassis import collector
from chassis.collector import Attempts
from chassis.objects import ObjectStore, StoredObject

GRACE = 60.0


class Shelf(ObjectStore):
    """A store in memory."""

    def __init__(self, *keys: str, age_seconds: float = 3600) -> None:
        modified = datetime.now(UTC) - timedelta(seconds=age_seconds)
        self.stored = {key: StoredObject(key, 10, modified) for key in keys}

    async def below(self, prefix: str) -> list[StoredObject]:
        return [item for key, item in self.stored.items() if key.startswith(prefix)]

    async def remove(self, keys: Sequence[str]) -> None:
        for key in keys:
            del self.stored[key]


@pytest.mark.parametrize(
    ("attempts", "kept"),
    [
        (None, {"0", "1", "2"}),
        (1, {"1"}),
        (frozenset((0, 2)), {"0", "2"}),
        (frozenset(), set()),
        (lambda key: key.attempt == 2 and key.name == "x", {"2"}),
    ],
)
async def test_the_row_says_which_attempts_are_real(attempts: Attempts, kept: set[str]) -> None:
    shelf = Shelf("s/o/a/0/x", "s/o/a/1/x", "s/o/a/2/x")

    async def live(ids: set[str]) -> Mapping[str, Attempts]:
        assert ids == {"a"}
        return {"a": attempts}

    garbage = await collector.collect(shelf, "s", live, GRACE, dry_run=False)
    assert {key.split("/")[3] for key in shelf.stored} == kept
    assert (garbage.scanned, garbage.orphans, garbage.size_bytes) == (3, 3 - len(kept), 10 * (3 - len(kept)))


async def test_what_has_no_row_goes_unless_it_is_young() -> None:
    async def live(_: set[str]) -> Mapping[str, Attempts]:
        return {}

    old, young = Shelf("s/o/a/0/x"), Shelf("s/o/a/0/x", age_seconds=5)
    assert (await collector.collect(old, "s", live, GRACE, dry_run=True)).sample == ("s/o/a/0/x",)
    assert old.stored
    await collector.collect(old, "s", live, GRACE, dry_run=False)
    await collector.collect(young, "s", live, GRACE, dry_run=False)
    assert not old.stored
    assert young.stored
