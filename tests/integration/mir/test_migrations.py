"""What was heard before findings were documents is kept."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from chassis.postgres import Database, PostgresConfig
from deploy.local.facts import PostgresFacts
from services.mir import store
from services.mir.analysis.findings import Analysis, Key, KeyName, Loudness, Tempo
from services.mir.config import MIGRATIONS, SERVICE
from tests.integration.earlier_schema import migrated

BEFORE = """
    INSERT INTO job (job_id, owner_id, pool, state, attempt, max_attempts, deadline)
        SELECT id, 'ada', 'jobs.mir.cpu', state, 1, 4, now()
        FROM (VALUES ('song', 'completed'), ('silence', 'completed'), ('waiting', 'pending')) AS job (id, state);
    INSERT INTO analysis (analysis_id, owner_id, track_id, master_key, duration_seconds, tempo_bpm, tempo_confidence,
                          key_name, key_tonic, key_mode, key_confidence, loudness_lufs, tuning_cents)
        VALUES ('song', 'ada', 't1', 'm1', 12.5, 120.25, 0.75, 'F# minor', 6, 'minor', 0.5, -9.5, -3.25);
    INSERT INTO analysis (analysis_id, owner_id, track_id, master_key, duration_seconds)
        VALUES ('silence', 'ada', 't2', 'm2', 3), ('waiting', 'ada', 't3', 'm3', 4)
"""


async def _read(config: PostgresConfig) -> dict[str, Analysis | None]:
    database = Database(config)
    try:
        async with database.transaction() as connection:
            return {row.analysis_id: row.heard for row in await store.of_owner(connection, "ada")}
    finally:
        await database.close()


def test_what_was_heard_before_is_kept(fresh_database: Callable[[], PostgresFacts], tmp_path: Path) -> None:
    config = migrated(fresh_database(), SERVICE, MIGRATIONS, BEFORE, tmp_path)

    assert asyncio.run(_read(config)) == {
        "song": Analysis(
            12.5,
            version=1,
            tempo=Tempo(120.25, 0.75, steady=False),
            key=Key(KeyName(6, "minor"), 0.5, None),
            tuning_cents=-3.25,
            loudness=Loudness(-9.5),
        ),
        "silence": Analysis(3.0, version=1),
        "waiting": None,
    }
