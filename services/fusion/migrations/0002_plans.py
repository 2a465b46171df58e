"""What was asked for besides faders, what was decided, and what the worker is to render."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add them; fusions from before have none."""
    op.execute(
        """
        ALTER TABLE fusion
            ADD COLUMN asked jsonb NOT NULL DEFAULT '{}',
            ADD COLUMN plan jsonb,
            ADD COLUMN commission text,
            ADD COLUMN preview boolean NOT NULL DEFAULT false
        """
    )
