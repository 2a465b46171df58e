"""The recipes in separation's schema: which separations want the same stems, and which of them computes."""

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection


async def lock_recipe(connection: AsyncConnection, recipe: str) -> None:
    """Until the transaction ends, nobody else decides who computes this recipe."""
    await connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('recipe:' || :recipe))"), {"recipe": recipe})


@dataclass(frozen=True)
class Source:
    """Another separation with the same recipe: a completed one, or the one that computes."""

    separation_id: str
    completed: bool


async def source(connection: AsyncConnection, recipe: str, separation_id: str) -> Source | None:
    """Return where this separation's stems can come from, but for itself; a completed one if there is any."""
    # One statement, one snapshot: between two of them the one that computes could complete.
    found = await connection.execute(
        text(
            "SELECT s.separation_id, j.state = 'completed' AS completed FROM separation s"
            " JOIN job j ON j.job_id = s.separation_id WHERE s.recipe = :recipe AND s.separation_id <> :id"
            " AND (j.state = 'completed' OR (j.state IN ('pending', 'running') AND s.computing IS NOT NULL"
            "      AND j.pool = (SELECT pool FROM job WHERE job_id = :id)))"
            " ORDER BY j.state = 'completed' DESC, s.created_at LIMIT 1"
        ),
        {"recipe": recipe, "id": separation_id},
    )
    row = found.first()
    return Source(row.separation_id, row.completed) if row else None


async def waiting(connection: AsyncConnection, recipe: str) -> list[str]:
    """Return the separations that wait for another one to compute this recipe."""
    return list(
        await connection.scalars(
            text(
                "SELECT separation_id FROM separation JOIN job ON job_id = separation_id"
                " WHERE recipe = :recipe AND computing IS NULL AND state = 'pending' ORDER BY separation_id"
            ),
            {"recipe": recipe},
        )
    )


async def begin_recipe(connection: AsyncConnection, separation_id: str, recipe: str) -> None:
    """Set what the separation is going to be."""
    await connection.execute(
        text("UPDATE separation SET recipe = :recipe, computing = NULL WHERE separation_id = :id"),
        {"recipe": recipe, "id": separation_id},
    )


async def mark_computing(connection: AsyncConnection, separation_id: str, attempt: int) -> None:
    """Say that this attempt computes for everybody with the same recipe."""
    await connection.execute(
        text("UPDATE separation SET computing = :attempt WHERE separation_id = :id"),
        {"attempt": attempt, "id": separation_id},
    )


async def set_reused(connection: AsyncConnection, separation_id: str, source_id: str) -> None:
    """Say that the separation has the stems, and so the null test, of another one."""
    await connection.execute(
        text(
            "UPDATE separation SET reused = true, null_exact = source.null_exact, null_depth_db = source.null_depth_db"
            " FROM separation source WHERE separation.separation_id = :id AND source.separation_id = :source"
        ),
        {"id": separation_id, "source": source_id},
    )
