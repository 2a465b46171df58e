"""What belongs to a track and outlives its analyses: a person's corrections, and where its stems are."""

from collections.abc import Mapping

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.mir import documents
from services.mir.analysis.corrections import NO_CORRECTIONS, Corrections
from services.mir.documents import StemFile


async def stems_of(connection: AsyncConnection, track_id: str) -> dict[str, StemFile]:
    """Return where the track's stems are, by name."""
    found = await connection.scalar(text("SELECT stems FROM track_stems WHERE track_id = :track"), {"track": track_id})
    return documents.to_stems(found or {})


async def keep_stems(
    connection: AsyncConnection, track_id: str, owner_id: str, stems: Mapping[str, StemFile]
) -> dict[str, StemFile]:
    """Remember where stems are, in place of those of the same names, and return where all of the track's are."""
    found = await connection.scalar(
        text(
            "INSERT INTO track_stems (track_id, owner_id, stems) VALUES (:track, :owner, :stems)"
            " ON CONFLICT (track_id) DO UPDATE SET stems = track_stems.stems || excluded.stems"
            " RETURNING stems"
        ),
        {"track": track_id, "owner": owner_id, "stems": documents.stems_to_json(stems)},
    )
    return documents.to_stems(found or {})


async def write_corrections(
    connection: AsyncConnection, track_id: str, owner_id: str, corrections: Corrections
) -> None:
    """Remember what a person said about a track; nothing, if that is what is left."""
    if corrections == NO_CORRECTIONS:
        await connection.execute(text("DELETE FROM correction WHERE track_id = :track"), {"track": track_id})
        return
    await connection.execute(
        text(
            "INSERT INTO correction (track_id, owner_id, corrections) VALUES (:track, :owner, :corrections)"
            " ON CONFLICT (track_id) DO UPDATE SET corrections = excluded.corrections"
        ),
        {"track": track_id, "owner": owner_id, "corrections": documents.to_json(corrections)},
    )


async def forget_track(connection: AsyncConnection, track_id: str) -> None:
    """Delete what is by track: the track is gone."""
    for table in ("correction", "track_stems"):
        await connection.execute(text(f"DELETE FROM {table} WHERE track_id = :track"), {"track": track_id})  # constant


async def forget_owner(connection: AsyncConnection, owner_id: str) -> None:
    """Delete what is by track of a user who is gone."""
    for table in ("correction", "track_stems"):
        await connection.execute(text(f"DELETE FROM {table} WHERE owner_id = :owner"), {"owner": owner_id})  # constant
