"""Where a page of jobs begins, and how cards can be sorted."""

from dataclasses import dataclass
from datetime import datetime

from puremusic.gateway.v1 import gateway_pb2

from chassis import paging, sorting
from chassis.sorting import Sorting


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
        return JobPosition(sorting.moment(moment), job_id)
    except ValueError:
        raise paging.foreign_token() from None


ORDERS = {
    gateway_pb2.CARD_ORDER_NEWEST: Sorting("newest", "created_at", "timestamptz", "DESC", sorting.moment),
    gateway_pb2.CARD_ORDER_OLDEST: Sorting("oldest", "created_at", "timestamptz", "ASC", sorting.moment),
    gateway_pb2.CARD_ORDER_TITLE: Sorting("title", "lower(title)", "text", "ASC"),
    # What has no tempo or no key (yet) comes last.
    gateway_pb2.CARD_ORDER_TEMPO: Sorting(
        "tempo", "coalesce(tempo_bpm, 1e9)", "double precision", "ASC", sorting.number
    ),
    # 1A, 1B, 2A, … 12B.
    gateway_pb2.CARD_ORDER_KEY: Sorting("key", "coalesce(lpad(camelot, 3, '0'), 'none')", "text", "ASC"),
    gateway_pb2.CARD_ORDER_DURATION: Sorting("duration", "duration_seconds", "double precision", "ASC", sorting.number),
}
