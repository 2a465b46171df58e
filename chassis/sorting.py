"""Lists that are sorted one way or another and searched: which rows follow the last one shown, and which ones match."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import paging
from chassis.errors import InvalidInput

LONGEST_SEARCH = 200


@dataclass(frozen=True)
class Sorting:
    """One way to sort rows: by an SQL expression that is never NULL, then by their id."""

    name: str
    key: str
    kind: str
    direction: Literal["ASC", "DESC"]
    read: Callable[[str], object] = str
    """Raises `ValueError` for what can't be a key."""

    def follows(self, identity: str) -> str:
        """Return the condition of rows that come after the position bound as `:key` and `:id`."""
        beyond = "<" if self.direction == "DESC" else ">"
        return f"({self.key}, {identity}) {beyond} (CAST(:key AS {self.kind}), :id)"

    def order(self, identity: str) -> str:
        """Return what to order by."""
        return f"{self.key} {self.direction}, {identity} {self.direction}"


@dataclass(frozen=True)
class Position:
    """The last row shown: its sort key as text, and its id."""

    key: str
    id: str

    def token(self, sorting: Sorting) -> str:
        """Return the token of the page that follows."""
        return paging.token(sorting.name, self.key, self.id)


@dataclass(frozen=True)
class Listed:
    """A table that is listed page by page: which of its columns are read, and the one that names a row."""

    table: str
    columns: str
    identity: str

    async def page(
        self,
        connection: AsyncConnection,
        where: str,
        values: Mapping[str, Any],
        sorting: Sorting,
        after: Position | None,
        count: int,
    ) -> tuple[list[RowMapping], int]:
        """Return rows of a condition in this order after a position, each with its `sort_key`, and how many meet it in all."""
        total = await connection.scalar(text(f"SELECT count(*) FROM {self.table} WHERE {where}"), values)
        bound = {**values, "count": count}
        if after:
            where += f" AND {sorting.follows(self.identity)}"
            bound |= {"key": after.key, "id": after.id}
        found = await connection.execute(
            text(
                f"SELECT {self.columns}, CAST({sorting.key} AS text) AS sort_key FROM {self.table} WHERE {where}"
                f" ORDER BY {sorting.order(self.identity)} LIMIT :count"
            ),
            bound,
        )
        return list(found.mappings()), int(total or 0)


def position(after: tuple[str, ...] | None, sorting: Sorting) -> Position | None:
    """Read a page token's sort key; raises `InvalidInput`, also when the page before was sorted otherwise."""
    if after is None:
        return None
    try:
        name, key, identity = after
        sorting.read(key)
    except ValueError:
        raise paging.foreign_token() from None
    if name != sorting.name:
        raise paging.foreign_token()
    return Position(key, identity)


def moment(written: str) -> datetime:
    """Read a moment with its time zone; raises `ValueError`."""
    read = datetime.fromisoformat(written)
    if read.tzinfo is None:
        raise ValueError(written)
    return read


def number(written: str) -> float:
    """Read a finite number; raises `ValueError`."""
    read = float(written)
    if not math.isfinite(read):
        raise ValueError(written)
    return read


def pattern(search: str) -> str:
    """Return what ILIKE takes to find texts that hold this one; raises `InvalidInput` beyond 200 characters."""
    if len(search) > LONGEST_SEARCH:
        raise InvalidInput("SEARCH_TOO_LONG", f"Search for at most {LONGEST_SEARCH} characters.", limit=LONGEST_SEARCH)
    escaped = search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
