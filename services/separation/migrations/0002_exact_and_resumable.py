"""Stems that add up, checkpoints that can be listened to, and audio that is computed once."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the columns and the table; rows from before keep their meaning."""
    op.execute(
        """
        ALTER TABLE separation
            -- SHA-256 of the master's samples; empty in rows from before, which are equal to no other.
            ADD content_hash text NOT NULL DEFAULT '',
            -- The track's; 0 in rows from before.
            ADD sample_rate integer NOT NULL DEFAULT 0,
            ADD channels smallint NOT NULL DEFAULT 0,
            -- {"vocals": "htdemucs_ft"}: stems by another model than `model`.
            ADD stem_models jsonb NOT NULL DEFAULT '{}',
            -- Digest of everything that decides the result: audio, networks, stems, and for whom. Equal recipes, equal stems.
            ADD recipe text NOT NULL DEFAULT '',
            -- The attempt that computes for everybody with this recipe; it does so while it is the running one.
            ADD computing integer,
            ADD reused boolean NOT NULL DEFAULT false,
            ADD null_exact boolean,
            ADD null_depth_db double precision;
        CREATE INDEX separation_recipe ON separation (recipe) WHERE recipe <> '';
        -- A stem's samples are the stored ones times 2 to this power. The residual is a row of type 'residual'.
        ALTER TABLE stem ADD scale_bits smallint NOT NULL DEFAULT 0;
        -- Stems were halved as often before, too; only what they lost was written in decibels.
        UPDATE stem SET scale_bits = round(attenuation_db / 6.0206) WHERE attenuation_db > 0;
        -- Several separations may point at one object; it is removed with the last of them. The third part of a key is
        -- the separation that made it.
        CREATE INDEX stem_maker ON stem (split_part(object_key, '/', 3));
        -- A finished piece of all stems: both a checkpoint to go on from and something to listen to.
        CREATE TABLE segment (
            separation_id text NOT NULL REFERENCES separation (separation_id) ON DELETE CASCADE,
            first_frame bigint NOT NULL,
            frames bigint NOT NULL,
            attempt integer NOT NULL,
            -- What was computed: of audio, networks, stems. An attempt goes on with segments of its own recipe only.
            recipe text NOT NULL,
            -- [{"type", "object_key", "scale_bits", "size_bytes", "sha256"}]
            stems jsonb NOT NULL,
            PRIMARY KEY (separation_id, first_frame)
        )
        """
    )
