"""Alembic without its scaffolding: a service's `migrations/` holds only revisions. Migrations expand before they contract."""

from pathlib import Path

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from chassis.postgres import PostgresConfig, migration_engine


class SchemaPending(Exception):
    """The database is behind the code: run `migrate` first."""


def _scripts(directory: Path) -> ScriptDirectory:
    settings = Config()
    settings.set_main_option("script_location", str(directory))
    settings.set_main_option("version_locations", str(directory))
    settings.set_main_option("path_separator", "os")
    return ScriptDirectory.from_config(settings)


async def migrate(config: PostgresConfig, directory: Path) -> None:
    """Bring the schema to the newest revision. Many may call this at once: one works, the others wait."""
    engine = migration_engine(config)
    async with engine.begin() as connection:
        await connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('puremusic-migrate:' || current_user))"))
        await connection.run_sync(_upgrade, directory)
    await engine.dispose()


def _upgrade(connection: Connection, directory: Path) -> None:
    scripts = _scripts(directory)
    settings = Config()
    with EnvironmentContext(
        settings,
        scripts,
        fn=lambda revision, _: scripts._upgrade_revs("head", revision),  # as alembic.command does
    ) as environment:
        environment.configure(connection=connection)
        environment.run_migrations()


async def require_current(config: PostgresConfig, directory: Path) -> None:
    """Raise `SchemaPending` unless the schema is at the newest revision (or beyond: an older server during a roll-out)."""
    scripts = _scripts(directory)
    engine = migration_engine(config)
    async with engine.connect() as connection:
        present = await connection.run_sync(lambda sync: MigrationContext.configure(sync).get_current_revision())
    await engine.dispose()
    known = {revision.revision for revision in scripts.walk_revisions()}
    head = scripts.get_current_head()
    if present != head and (present is None or present in known):
        raise SchemaPending(f"the schema is at {present or 'nothing'}, the code needs {head}: run `migrate` first")
