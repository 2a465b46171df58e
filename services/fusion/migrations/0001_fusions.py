"""Fusions and their jobs."""

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
        CREATE TABLE fusion (
            fusion_id text PRIMARY KEY REFERENCES job (job_id) ON DELETE CASCADE,
            owner_id text NOT NULL,
            title text NOT NULL,
            stems jsonb NOT NULL,
            parent_fusion_id text NOT NULL DEFAULT '',
            revision integer NOT NULL DEFAULT 1,
            version bigint NOT NULL DEFAULT 0,
            result jsonb,
            result_attempt integer,
            rating_stars smallint CHECK (rating_stars BETWEEN 1 AND 5),
            rating_comment text NOT NULL DEFAULT '',
            created_at timestamptz NOT NULL DEFAULT clock_timestamp()
        );
        CREATE INDEX fusion_owner ON fusion (owner_id, created_at DESC, fusion_id DESC);
        CREATE INDEX fusion_stems ON fusion USING gin (stems jsonb_path_ops)
        """
    )
