"""Reading track cards."""

from typing import Any

from puremusic.gateway.v1 import gateway_pb2
from puremusic.ingest.v1 import ingest_pb2
from puremusic.mir.v1 import mir_pb2
from puremusic.separation.v1 import separation_pb2
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.sorting import Position, Sorting
from services.gateway import folding

_CARDS = "SELECT status, track, newest_separation, done_separation, analysis"


def _card(row: Row[Any]) -> gateway_pb2.TrackCard:
    return folding.to_card(
        row.status,
        ingest_pb2.Track.FromString(bytes(row.track)),
        separation_pb2.Separation.FromString(bytes(row.newest_separation)) if row.newest_separation else None,
        separation_pb2.Separation.FromString(bytes(row.done_separation)) if row.done_separation else None,
        mir_pb2.Analysis.FromString(bytes(row.analysis)) if row.analysis else None,
    )


async def find(connection: AsyncConnection, owner_id: str, track_id: str) -> gateway_pb2.TrackCard | None:
    """Return one of the owner's cards; None if there is no such one."""
    found = await connection.execute(
        text(f"{_CARDS} FROM card WHERE owner_id = :owner AND track_id = :id"), {"owner": owner_id, "id": track_id}
    )
    row = found.first()
    return _card(row) if row else None


async def matching(
    connection: AsyncConnection,
    owner_id: str,
    count: int,
    after: Position | None,
    order: Sorting,
    pattern: str,
    status: str,
) -> tuple[list[tuple[str, gateway_pb2.TrackCard]], int]:
    """Return cards in this order after a position, each with its sort key as text, and how many match in all.

    The pattern is one of ILIKE's; an empty status matches every card.
    """
    where = "owner_id = :owner AND (title ILIKE :pattern OR filename ILIKE :pattern)"
    values: dict[str, object] = {"owner": owner_id, "pattern": pattern}
    if status:
        where += " AND status = :status"
        values["status"] = status
    total = await connection.scalar(text(f"SELECT count(*) FROM card WHERE {where}"), values)
    if after:
        where += f" AND {order.follows('track_id')}"
        values |= {"key": after.key, "id": after.id}
    found = await connection.execute(
        text(
            f"{_CARDS}, CAST({order.key} AS text) AS sort_key FROM card WHERE {where}"
            f" ORDER BY {order.order('track_id')} LIMIT :count"
        ),
        {**values, "count": count},
    )
    return [(row.sort_key, _card(row)) for row in found], int(total or 0)
