"""Fusions from before there were plans are kept."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from puremusic.fusion.v1 import fusion_pb2 as pb

from chassis import jobs
from chassis.postgres import Database, PostgresConfig
from deploy.local.facts import PostgresFacts
from services.fusion import messages, store
from services.fusion.config import MIGRATIONS, SERVICE
from tests.integration.earlier_schema import migrated

BEFORE = """
    INSERT INTO job (job_id, owner_id, pool, state, attempt, max_attempts, deadline)
        VALUES ('done', 'ada', 'jobs.fusion.cpu', 'completed', 1, 4, now());
    INSERT INTO fusion (fusion_id, owner_id, title, stems, result, result_attempt)
        VALUES ('done', 'ada', 'Mine',
            '[{"stem_id": "s", "track_id": "t", "type": "bass", "object_key": "k", "gain_db": -3, "pan": 0, "mute": false}]',
            '{"duration_seconds": 2, "frames": 88200, "sample_rate": 44100, "loudness_lufs": -14, "true_peak_dbtp": -1.5,
              "applied_gain_db": 3, "files": [{"format": "wav", "size_bytes": 9, "sha256": "aa"}]}', 1)
"""


async def _read(config: PostgresConfig) -> tuple[pb.Fusion, str | None]:
    database = Database(config)
    try:
        async with database.transaction() as connection:
            row = await store.of_owner(connection, "ada", "done")
            shown = messages.to_fusion(row, await jobs.find(connection, "done"))
            return shown, await store.commission(connection, "done")
    finally:
        await database.close()


def test_what_was_fused_before_is_kept(fresh_database: Callable[[], PostgresFacts], tmp_path: Path) -> None:
    shown, commission = asyncio.run(_read(migrated(fresh_database(), SERVICE, MIGRATIONS, BEFORE, tmp_path)))

    assert (shown.title, shown.status, shown.result.frames) == ("Mine", pb.FUSION_STATUS_COMPLETED, 88_200)
    assert list(shown.stems) == [pb.SelectedStem(stem_id="s", track_id="t", type="bass", gain_db=-3)]
    assert [file.format for file in shown.result.files] == [pb.FUSION_FORMAT_WAV]
    assert not shown.HasField("plan")
    assert commission is None
