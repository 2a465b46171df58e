"""A service's schema and the revisions in its `migrations/`: bring it up to date, or refuse to serve before that was done.

Revisions are files `<revision>_<what>.py`, numbered in the order in which they apply; migrations expand before they contract.
"""

from pathlib import Path

from sqlalchemy import text

from chassis.postgres import PostgresConfig, migration_engine


class SchemaPending(Exception):
    """The database is behind the code: run `migrate` first."""


async def migrate(config: PostgresConfig, directory: Path) -> None:
    """Bring the schema to the newest revision. Many may call this at once: one works, the others wait."""
    from chassis import upgrading  # Alembic costs half a second that a server need not spend at its start

    await upgrading.upgrade(config, directory)


def revisions(directory: Path) -> list[str]:
    """Return the revisions in the order in which they apply."""
    return sorted(file.name.split("_", 1)[0] for file in directory.glob("[0-9]*_*.py"))


async def require_current(config: PostgresConfig, directory: Path) -> None:
    """Raise `SchemaPending` unless the schema is at the newest revision (or beyond: an older server during a roll-out)."""
    engine = migration_engine(config)
    async with engine.connect() as connection:
        there = await connection.scalar(text("SELECT to_regclass('alembic_version') IS NOT NULL"))
        present = await connection.scalar(text("SELECT version_num FROM alembic_version")) if there else None
    await engine.dispose()
    known = revisions(directory)
    if present != known[-1] and (present is None or present in known):
        raise SchemaPending(f"the schema is at {present or 'nothing'}, the code needs {known[-1]}: run `migrate` first")
