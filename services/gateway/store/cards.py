"""Reading track cards."""

from puremusic.gateway.v1 import gateway_pb2
from puremusic.ingest.v1 import ingest_pb2
from puremusic.mir.v1 import mir_pb2
from puremusic.separation.v1 import separation_pb2
from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.sorting import Listed, Position, Sorting
from services.gateway import folding

_COLUMNS = "status, track, newest_separation, done_separation, analysis"
_LISTED = Listed("card", _COLUMNS, "track_id")


def _card(row: RowMapping) -> gateway_pb2.TrackCard:
    newest, done, analysis = row["newest_separation"], row["done_separation"], row["analysis"]
    return folding.to_card(
        row["status"],
        ingest_pb2.Track.FromString(bytes(row["track"])),
        separation_pb2.Separation.FromString(bytes(newest)) if newest else None,
        separation_pb2.Separation.FromString(bytes(done)) if done else None,
        mir_pb2.Analysis.FromString(bytes(analysis)) if analysis else None,
    )


async def find(connection: AsyncConnection, owner_id: str, track_id: str) -> gateway_pb2.TrackCard | None:
    """Return one of the owner's cards; None if there is no such one."""
    found = await connection.execute(
        text(f"SELECT {_COLUMNS} FROM card WHERE owner_id = :owner AND track_id = :id"),
        {"owner": owner_id, "id": track_id},
    )
    row = found.mappings().first()
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
    found, total = await _LISTED.page(connection, where, values, order, after, count)
    return [(row["sort_key"], _card(row)) for row in found], total
