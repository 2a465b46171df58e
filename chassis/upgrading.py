"""Alembic without its scaffolding: a service's `migrations/` holds only revisions."""

from pathlib import Path

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from chassis.postgres import PostgresConfig, migration_engine


def _scripts(directory: Path) -> ScriptDirectory:
    settings = Config()
    settings.set_main_option("script_location", str(directory))
    settings.set_main_option("version_locations", str(directory))
    settings.set_main_option("path_separator", "os")
    return ScriptDirectory.from_config(settings)


async def upgrade(config: PostgresConfig, directory: Path) -> None:
    """Bring the schema to the newest revision. Many may call this at once: one works, the others wait."""
    engine = migration_engine(config)
    async with engine.begin() as connection:
        await connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('puremusic-migrate:' || current_user))"))
        await connection.run_sync(_run, directory)
    await engine.dispose()


def _run(connection: Connection, directory: Path) -> None:
    scripts = _scripts(directory)
    settings = Config()
    with EnvironmentContext(
        settings,
        scripts,
        fn=lambda revision, _: scripts._upgrade_revs("head", revision),  # as alembic.command does
    ) as environment:
        environment.configure(connection=connection)
        environment.run_migrations()
