"""A database as an earlier version left it, brought to the present schema."""

import asyncio
import shutil
from pathlib import Path

import psycopg

from chassis import migrations
from chassis.config import Secret
from chassis.postgres import PostgresConfig
from deploy.local.facts import PostgresFacts


def migrated(facts: PostgresFacts, service: str, versions: Path, rows: str, folder: Path) -> PostgresConfig:
    """Insert `rows` (SQL) into the first schema of `versions`, migrate it to the last, and return where it is.

    `folder` is empty; it gets the first version.
    """
    config = PostgresConfig(facts.url(service), Secret(facts.password(service)))
    shutil.copy(next(versions.glob("0001_*.py")), folder)
    asyncio.run(migrations.migrate(config, folder))
    with psycopg.connect(facts.url_with_password(service)) as before:
        before.execute(rows.encode())
    asyncio.run(migrations.migrate(config, versions))
    return config
