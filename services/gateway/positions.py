"""Where a page of jobs or cards begins, and how cards can be sorted."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from puremusic.gateway.v1 import gateway_pb2

from chassis import paging


@dataclass(frozen=True)
class JobPosition:
    """The last job shown; the list goes from the newest to the oldest."""

    created_at: datetime
    job_id: str

    @property
    def token(self) -> str:
        """The token of the page that follows."""
        return paging.token(self.created_at.isoformat(), self.job_id)


def job_position(after: tuple[str, ...] | None) -> JobPosition | None:
    """Read a page token's sort key; raises `InvalidInput`."""
    if after is None:
        return None
    try:
        moment, job_id = after
        return JobPosition(_moment(moment), job_id)
    except ValueError:
        raise paging.foreign_token() from None


def _moment(written: str) -> datetime:
    moment = datetime.fromisoformat(written)
    if moment.tzinfo is None:
        raise ValueError(written)
    return moment


def _number(written: str) -> float:
    number = float(written)
    if not math.isfinite(number):
        raise ValueError(written)
    return number


@dataclass(frozen=True)
class Order:
    """One way to sort cards: by an expression that is never NULL, then by the track's id."""

    name: str
    key: str
    kind: str
    direction: Literal["ASC", "DESC"]
    read: Callable[[str], object] = str
    """Raises `ValueError` for what can't be a key."""

    @property
    def beyond(self) -> str:
        """How what follows compares."""
        return "<" if self.direction == "DESC" else ">"


ORDERS = {
    gateway_pb2.CARD_ORDER_NEWEST: Order("newest", "created_at", "timestamptz", "DESC", _moment),
    gateway_pb2.CARD_ORDER_OLDEST: Order("oldest", "created_at", "timestamptz", "ASC", _moment),
    gateway_pb2.CARD_ORDER_TITLE: Order("title", "lower(title)", "text", "ASC"),
    # What has no tempo or no key (yet) comes last.
    gateway_pb2.CARD_ORDER_TEMPO: Order("tempo", "coalesce(tempo_bpm, 1e9)", "double precision", "ASC", _number),
    # 1A, 1B, 2A, … 12B.
    gateway_pb2.CARD_ORDER_KEY: Order("key", "coalesce(lpad(camelot, 3, '0'), 'none')", "text", "ASC"),
    gateway_pb2.CARD_ORDER_DURATION: Order("duration", "duration_seconds", "double precision", "ASC", _number),
}


@dataclass(frozen=True)
class CardPosition:
    """The last card shown in an order: its sort key as text, and its track."""

    key: str
    track_id: str

    def token(self, order: Order) -> str:
        """The token of the page that follows."""
        return paging.token(order.name, self.key, self.track_id)


def card_position(after: tuple[str, ...] | None, order: Order) -> CardPosition | None:
    """Read a page token's sort key; raises `InvalidInput`, also when the page before was sorted otherwise."""
    if after is None:
        return None
    try:
        name, key, track_id = after
        order.read(key)
    except ValueError:
        raise paging.foreign_token() from None
    if name != order.name:
        raise paging.foreign_token()
    return CardPosition(key, track_id)
