"""Separations, their jobs and their stems."""

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
        CREATE TABLE separation (
            separation_id text PRIMARY KEY REFERENCES job (job_id) ON DELETE CASCADE,
            owner_id text NOT NULL,
            track_id text NOT NULL,
            title text NOT NULL,
            master_key text NOT NULL,
            model text NOT NULL,
            stem_types text[] NOT NULL,
            version bigint NOT NULL DEFAULT 0,
            created_at timestamptz NOT NULL DEFAULT clock_timestamp()
        );
        CREATE INDEX separation_track ON separation (track_id);
        CREATE INDEX separation_owner ON separation (owner_id, created_at DESC, separation_id DESC);
        CREATE TABLE stem (
            stem_id text PRIMARY KEY,
            separation_id text NOT NULL REFERENCES separation (separation_id) ON DELETE CASCADE,
            type text NOT NULL,
            object_key text NOT NULL,
            frames bigint NOT NULL,
            sample_rate integer NOT NULL,
            channels smallint NOT NULL,
            size_bytes bigint NOT NULL,
            sha256 text NOT NULL,
            attenuation_db double precision NOT NULL,
            UNIQUE (separation_id, type)
        );
        -- Tracks and users that were deleted: a request that was under way meanwhile must not bring them back.
        CREATE TABLE gone (
            id text PRIMARY KEY,
            since timestamptz NOT NULL DEFAULT now()
        )
        """
    )
