"""Separations from before stems added up keep their meaning."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from deploy.local.facts import PostgresFacts
from services.separation import store
from services.separation.config import MIGRATIONS, SERVICE
from services.separation.store import SeparationRow, StemRow
from tests.integration.earlier_schema import migrated
from tests.integration.separation.ledger import database_of

BEFORE = """
    INSERT INTO job (job_id, owner_id, pool, state, attempt, max_attempts, deadline)
        VALUES ('sep', 'ada', 'jobs.separation.gpu', 'completed', 1, 4, now());
    INSERT INTO separation (separation_id, owner_id, track_id, title, master_key, model, stem_types)
        VALUES ('sep', 'ada', 'track', 'A song', 'key', 'htdemucs', '{drums,bass}');
    INSERT INTO stem (stem_id, separation_id, type, object_key, frames, sample_rate, channels, size_bytes, sha256,
                      attenuation_db)
        VALUES ('quiet', 'sep', 'bass', 'separation/ada/sep/1/bass.flac', 10, 44100, 2, 99, 'ab', 0),
               ('loud', 'sep', 'drums', 'separation/ada/sep/1/drums.flac', 10, 44100, 2, 99, 'ab', 12.041199826559248)
"""


async def _read(facts: PostgresFacts) -> tuple[SeparationRow, list[StemRow], str | None, set[tuple[str, int]]]:
    database = database_of(facts)
    try:
        async with database.transaction() as connection:
            row = await store.by_id(connection, "sep")
            stems = (await store.stems_of(connection, ["sep"]))["sep"]
            equal = await store.equal(connection, "ada", "track", "htdemucs", ("drums", "bass"), {})
            return row, stems, equal, await store.kept_attempts(connection, ["sep"])
    finally:
        await database.close()


def test_rows_from_before_keep_their_meaning(fresh_database: Callable[[], PostgresFacts], tmp_path: Path) -> None:
    facts = fresh_database()
    migrated(facts, SERVICE, MIGRATIONS, BEFORE, tmp_path)
    row, stems, equal, kept = asyncio.run(_read(facts))

    assert (row.recipe, row.content_hash, row.stem_models, row.null_exact, row.reused) == ("", "", {}, None, False)
    assert {stem.stem_id: stem.scale_bits for stem in stems} == {"quiet": 0, "loud": 2}
    assert equal == "sep", "asking again returns what is there"
    assert kept == {("sep", 1)}
