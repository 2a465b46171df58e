"""Findings as one document, a person's corrections, and where a track's stems are."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the columns and tables; what was heard before moves into its document, and the old columns go."""
    op.execute(
        """
        ALTER TABLE analysis
            -- findings.Analysis (services/mir/documents.py); null until heard.
            ADD findings jsonb,
            -- {"drums": ["<object key>", <scale bits>]}: the stems that were known when this was heard.
            ADD stems jsonb NOT NULL DEFAULT '{}',
            -- {"spectrogram.png": <bytes>}: what was drawn, below mir/<owner>/<track>/.
            ADD files jsonb NOT NULL DEFAULT '{}';
        UPDATE analysis SET findings = jsonb_build_object(
            'seconds', duration_seconds,
            'source', 'mix',
            'version', 1,
            'tempo', CASE WHEN tempo_bpm IS NOT NULL THEN jsonb_build_object(
                'bpm', tempo_bpm, 'confidence', coalesce(tempo_confidence, 0), 'steady', false) END,
            'key', CASE WHEN key_tonic IS NOT NULL AND key_mode IS NOT NULL THEN jsonb_build_object(
                'name', jsonb_build_object('tonic', key_tonic, 'mode', key_mode),
                'confidence', coalesce(key_confidence, 0), 'runner_up', null) END,
            'tuning_cents', tuning_cents,
            'loudness', jsonb_build_object('integrated_lufs', loudness_lufs)
        ) FROM job WHERE job_id = analysis_id AND state = 'completed';
        ALTER TABLE analysis
            DROP tempo_bpm, DROP tempo_confidence, DROP key_name, DROP key_tonic, DROP key_mode, DROP key_confidence,
            DROP loudness_lufs, DROP tuning_cents;
        -- What a person said about a track: by track, so that it outlives each of its analyses.
        CREATE TABLE correction (
            track_id text PRIMARY KEY,
            owner_id text NOT NULL,
            corrections jsonb NOT NULL
        );
        CREATE INDEX correction_owner ON correction (owner_id);
        -- The newest of each stem, as separations tell.
        CREATE TABLE track_stems (
            track_id text PRIMARY KEY,
            owner_id text NOT NULL,
            stems jsonb NOT NULL
        );
        CREATE INDEX track_stems_owner ON track_stems (owner_id)
        """
    )
