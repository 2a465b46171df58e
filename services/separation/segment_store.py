"""The segments in separation's schema: finished pieces of all stems of a separation."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection


@dataclass(frozen=True)
class SegmentStem:
    """A piece of one stem: a FLAC of 24 bit whose samples times 2**`scale_bits` are the stem."""

    type: str
    object_key: str
    scale_bits: int
    size_bytes: int
    sha256: str


@dataclass(frozen=True)
class SegmentRow:
    """A segment as it stands in its row."""

    separation_id: str
    first_frame: int
    frames: int
    attempt: int
    recipe: str
    stems: Sequence[SegmentStem]

    @property
    def end(self) -> int:
        """The frame after its last one."""
        return self.first_frame + self.frames


async def insert(connection: AsyncConnection, row: SegmentRow) -> None:
    """Insert the segment that follows those that are there; to do so again changes nothing."""
    await connection.execute(
        text(
            "INSERT INTO segment (separation_id, first_frame, frames, attempt, recipe, stems)"
            " VALUES (:separation_id, :first_frame, :frames, :attempt, :recipe, :stems)"
            " ON CONFLICT DO NOTHING"
        ),
        {**vars(row), "stems": json.dumps([asdict(stem) for stem in row.stems])},
    )


async def of(
    connection: AsyncConnection, separation_id: str, from_frame: int = 0, limit: int | None = None
) -> list[SegmentRow]:
    """Return a separation's segments that end after `from_frame`, in the order of time, at most `limit`."""
    found = await connection.execute(
        text(
            "SELECT separation_id, first_frame, frames, attempt, recipe, stems FROM segment"
            " WHERE separation_id = :id AND first_frame + frames > :from_frame ORDER BY first_frame LIMIT :limit"
        ),
        {"id": separation_id, "from_frame": from_frame, "limit": limit},
    )
    return [
        SegmentRow(**{**row, "stems": tuple(SegmentStem(**stem) for stem in row["stems"])}) for row in found.mappings()
    ]


async def delete_from(connection: AsyncConnection, separation_id: str, first_frame: int) -> bool:
    """Delete a separation's segments from this frame on and say whether there were any; their objects become garbage."""
    deleted = await connection.execute(
        text("DELETE FROM segment WHERE separation_id = :id AND first_frame >= :first_frame"),
        {"id": separation_id, "first_frame": first_frame},
    )
    return deleted.rowcount > 0


async def delete_ended(connection: AsyncConnection) -> None:
    """Delete the segments of separations that have ended: nobody goes on from them, and nobody lists them."""
    await connection.execute(
        text("DELETE FROM segment USING job WHERE job_id = separation_id AND state NOT IN ('pending', 'running')")
    )
