"""The read model: the newest state of every aggregate, as its service announced it."""

from alembic import op

from chassis import ddl

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create everything."""
    op.execute(ddl.APPLIED_V1)
    op.execute(
        """
        CREATE TABLE track (
            track_id text PRIMARY KEY,
            owner_id text NOT NULL,
            title text NOT NULL,
            filename text NOT NULL,
            status text NOT NULL CHECK (status IN ('awaiting_upload', 'checking', 'uploaded', 'failed')),
            duration_seconds double precision NOT NULL,
            created_at timestamptz NOT NULL,
            message bytea NOT NULL
        );
        CREATE INDEX track_owner ON track (owner_id, created_at DESC);
        CREATE TABLE separation (
            separation_id text PRIMARY KEY,
            owner_id text NOT NULL,
            track_id text NOT NULL,
            state text NOT NULL,
            created_at timestamptz NOT NULL,
            message bytea NOT NULL
        );
        CREATE INDEX separation_track ON separation (track_id, created_at DESC, separation_id DESC);
        CREATE INDEX separation_owner ON separation (owner_id);
        CREATE TABLE analysis (
            track_id text PRIMARY KEY,
            analysis_id text NOT NULL,
            owner_id text NOT NULL,
            tempo_bpm double precision,
            camelot text,
            created_at timestamptz NOT NULL,
            message bytea NOT NULL
        );
        CREATE INDEX analysis_owner ON analysis (owner_id);
        CREATE TABLE job (
            job_id text PRIMARY KEY,
            owner_id text NOT NULL,
            kind smallint NOT NULL,
            state smallint NOT NULL,
            track_id text NOT NULL,
            deleted boolean NOT NULL DEFAULT false,
            stored_bytes bigint NOT NULL DEFAULT 0,
            engine_seconds double precision NOT NULL DEFAULT 0,
            bytes_read bigint NOT NULL DEFAULT 0,
            bytes_written bigint NOT NULL DEFAULT 0,
            created_at timestamptz NOT NULL,
            message bytea NOT NULL
        );
        CREATE INDEX job_owner ON job (owner_id, created_at DESC, job_id DESC) WHERE NOT deleted;
        -- A card: the track, its newest separation, the newest one that is completed, and its analysis.
        CREATE VIEW card AS
        SELECT t.track_id, t.owner_id, t.title, t.filename, t.duration_seconds, t.created_at, t.message AS track,
               newest.message AS newest_separation, done.message AS done_separation, a.message AS analysis,
               a.tempo_bpm, a.camelot,
               CASE WHEN t.status <> 'uploaded' THEN t.status
                    WHEN newest.state IN ('pending', 'running') THEN 'separating'
                    WHEN done.message IS NOT NULL THEN 'separated'
                    WHEN newest.state = 'failed' THEN 'failed'
                    ELSE 'uploaded' END AS status
        FROM track t
        LEFT JOIN LATERAL (
            SELECT message, state FROM separation s WHERE s.track_id = t.track_id
            ORDER BY created_at DESC, separation_id DESC LIMIT 1
        ) newest ON true
        LEFT JOIN LATERAL (
            SELECT message FROM separation s WHERE s.track_id = t.track_id AND state = 'completed'
            ORDER BY created_at DESC, separation_id DESC LIMIT 1
        ) done ON true
        LEFT JOIN analysis a ON a.track_id = t.track_id
        """
    )
