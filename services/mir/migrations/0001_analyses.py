"""Analyses and their jobs."""

from alembic import op

from chassis import ddl

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create everything."""
    for table in (ddl.OUTBOX_V1, ddl.APPLIED_V1, ddl.IDEMPOTENCY_V1, ddl.JOB_V1):
        op.execute(table)
    op.execute(
        """
        CREATE TABLE analysis (
            analysis_id text PRIMARY KEY REFERENCES job (job_id) ON DELETE CASCADE,
            owner_id text NOT NULL,
            track_id text NOT NULL,
            master_key text NOT NULL,
            duration_seconds double precision NOT NULL,
            version bigint NOT NULL DEFAULT 0,
            tempo_bpm double precision,
            tempo_confidence double precision,
            key_name text NOT NULL DEFAULT '',
            key_tonic smallint,
            key_mode text CHECK (key_mode IN ('major', 'minor')),
            key_confidence double precision,
            loudness_lufs double precision,
            tuning_cents double precision,
            created_at timestamptz NOT NULL DEFAULT clock_timestamp()
        );
        CREATE UNIQUE INDEX analysis_track ON analysis (track_id);
        CREATE INDEX analysis_owner ON analysis (owner_id)
        """
    )
