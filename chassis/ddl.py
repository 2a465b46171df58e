"""Tables that every service with state has in its own schema. A released text never changes: a new version is a new text."""

OUTBOX_V1 = """
CREATE TABLE outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    subject text NOT NULL,
    message_id text NOT NULL,
    payload bytea NOT NULL,
    headers jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now()
)
"""

APPLIED_V1 = """
CREATE TABLE applied_event (
    aggregate_id text PRIMARY KEY,
    version bigint NOT NULL
)
"""

IDEMPOTENCY_V1 = """
CREATE TABLE idempotency_key (
    owner_id text NOT NULL,
    method text NOT NULL,
    key text NOT NULL,
    fingerprint text NOT NULL,
    resource_id text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (owner_id, method, key)
)
"""

JOB_V1 = """
CREATE TABLE job (
    job_id text PRIMARY KEY,
    owner_id text NOT NULL,
    pool text NOT NULL,
    state text NOT NULL DEFAULT 'pending'
        CHECK (state IN ('pending', 'running', 'completed', 'failed', 'cancelled')),
    attempt integer NOT NULL DEFAULT 0,
    max_attempts integer NOT NULL,
    lease_until timestamptz,
    worker text NOT NULL DEFAULT '',
    cancel_requested boolean NOT NULL DEFAULT false,
    deadline timestamptz NOT NULL,
    not_before timestamptz NOT NULL DEFAULT now(),
    rung_at timestamptz NOT NULL DEFAULT now(),
    rings integer NOT NULL DEFAULT 0,
    progress double precision NOT NULL DEFAULT 0,
    stage text NOT NULL DEFAULT '',
    eta_seconds double precision,
    failure_reason text NOT NULL DEFAULT '',
    failure_message text NOT NULL DEFAULT '',
    device text NOT NULL DEFAULT '',
    engine_seconds double precision NOT NULL DEFAULT 0,
    bytes_read bigint NOT NULL DEFAULT 0,
    bytes_written bigint NOT NULL DEFAULT 0,
    trace jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    started_at timestamptz,
    finished_at timestamptz
);
CREATE INDEX job_open ON job (state, lease_until) WHERE state IN ('pending', 'running');
CREATE INDEX job_owner ON job (owner_id) WHERE state IN ('pending', 'running')
"""
