"""Tracks, their import jobs, and what is not taken in."""

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
        CREATE TABLE track (
            track_id text PRIMARY KEY,
            owner_id text NOT NULL,
            title text NOT NULL,
            filename text NOT NULL,
            process boolean NOT NULL,
            size_bytes bigint NOT NULL CHECK (size_bytes > 0),
            declared_sha256 text NOT NULL DEFAULT '',
            rights_confirmed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            -- Of the multipart upload; empty: one POST, or not begun yet.
            upload_id text NOT NULL DEFAULT '',
            -- All bytes are there. From here on a job of the same id says how far the check is.
            upload_completed_at timestamptz,
            -- The file was refused and its bytes are gone; the row stays, for the user to see why.
            bytes_removed boolean NOT NULL DEFAULT false,
            version bigint NOT NULL DEFAULT 0,
            created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            mime_type text,
            sample_rate integer,
            channels smallint,
            frames bigint,
            bit_depth smallint,
            content_hash text,
            file_hash text,
            master_attempt integer,
            master_bytes bigint,
            imported_at timestamptz
        );
        CREATE INDEX track_owner ON track (owner_id, created_at DESC, track_id DESC);
        CREATE INDEX track_unfinished ON track (created_at) WHERE upload_completed_at IS NULL;
        CREATE INDEX track_content_hash ON track (content_hash);
        CREATE INDEX track_file_hash ON track (file_hash);

        -- Taken down by an operator: hashes of files and of decoded audio.
        CREATE TABLE blocked_content (
            hash text PRIMARY KEY,
            reason text NOT NULL,
            blocked_by text NOT NULL,
            blocked_at timestamptz NOT NULL DEFAULT now()
        )
        """
    )
