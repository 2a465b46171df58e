"""Accounts, logins, refresh tokens, reset tokens, API keys, signing keys, failed logins, outbox."""

from alembic import op

from chassis.ddl import OUTBOX_V1

revision = "0001"
down_revision = None

TABLES = """
CREATE TABLE account (
    user_id text PRIMARY KEY,
    email text NOT NULL,
    email_key text NOT NULL UNIQUE,
    display_name text NOT NULL DEFAULT '',
    password_hash text NOT NULL,
    roles text[] NOT NULL DEFAULT '{user}',
    accepted_terms_version text NOT NULL,
    accepted_terms_at timestamptz NOT NULL DEFAULT now(),
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE login (
    login_id text PRIMARY KEY,
    user_id text NOT NULL REFERENCES account ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz
);
CREATE INDEX login_user ON login (user_id);
CREATE INDEX login_expiry ON login (expires_at);
CREATE TABLE refresh_token (
    token_hash bytea PRIMARY KEY,
    login_id text NOT NULL REFERENCES login ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);
CREATE INDEX refresh_token_login ON refresh_token (login_id);
CREATE TABLE reset_token (
    token_hash bytea PRIMARY KEY,
    user_id text NOT NULL REFERENCES account ON DELETE CASCADE,
    expires_at timestamptz NOT NULL
);
CREATE INDEX reset_token_user ON reset_token (user_id);
CREATE TABLE api_key (
    serial bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    api_key_id text PRIMARY KEY,
    user_id text NOT NULL REFERENCES account ON DELETE CASCADE,
    secret_hash bytea NOT NULL UNIQUE,
    name text NOT NULL,
    scopes text[] NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    last_used_at timestamptz
);
CREATE INDEX api_key_user ON api_key (user_id, serial DESC);
CREATE TABLE signing_key (
    key_id text PRIMARY KEY,
    public_key bytea NOT NULL,
    sealed_key bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    signs_from timestamptz NOT NULL UNIQUE
);
CREATE TABLE failed_login (
    email_hash bytea PRIMARY KEY,
    failures integer NOT NULL,
    failed_at timestamptz NOT NULL DEFAULT now(),
    locked_until timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX failed_login_age ON failed_login (failed_at)
"""


def upgrade() -> None:
    """Make the tables."""
    op.execute(TABLES)
    op.execute(OUTBOX_V1)
