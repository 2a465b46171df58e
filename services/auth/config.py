"""What auth reads from its environment."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.fernet import Fernet

from chassis.config import ConfigError, Secret, section, setting
from chassis.identity import TokenConfig
from chassis.jetstream import BusConfig
from chassis.postgres import PostgresConfig
from chassis.server import ListenConfig
from chassis.telemetry import TelemetryConfig

MIGRATIONS = Path(__file__).parent / "migrations"

DAY = 24 * 3600

# Envoy and every service may go on using a key set for a minute after they fetched it.
KEY_CACHE_SECONDS = 60


@dataclass(frozen=True)
class Lifetimes:
    """For how long what auth issues is good."""

    access_seconds: int = setting("ACCESS_TOKEN_SECONDS", "life of an access token", 900)
    refresh_seconds: int = setting("REFRESH_TOKEN_SECONDS", "life of a refresh token", 7 * DAY)
    service_seconds: int = setting("SERVICE_TOKEN_SECONDS", "life of a service token", 300)
    session_seconds: int = setting("SESSION_SECONDS", "seconds after a login at which refreshing ends", 30 * DAY)
    reset_seconds: int = setting("RESET_TOKEN_SECONDS", "life of a token that resets a password", 3600)

    @property
    def longest_signed(self) -> int:
        """The longest life of anything that a signing key signs."""
        return max(self.access_seconds, self.service_seconds)


@dataclass(frozen=True)
class HashingConfig:
    """What a password hash costs (argon2id, RFC 9106), and how many are made at once."""

    memory_kib: int = setting("ARGON2_MEMORY_KIB", "memory of one password hash", 64 * 1024)
    passes: int = setting("ARGON2_PASSES", "passes over that memory", 3)
    lanes: int = setting("ARGON2_LANES", "threads of one password hash", 1)
    concurrency: int = setting("HASH_CONCURRENCY", "password hashes made at once", 2)
    queue: int = setting("HASH_QUEUE", "password hashes that may wait; more are refused", 100)


@dataclass(frozen=True)
class LockoutConfig:
    """When an account is locked after wrong passwords, and for how long."""

    failures: int = setting("LOCKOUT_FAILURES", "wrong passwords in a row that lock an account", 5)
    first_seconds: float = setting("LOCKOUT_SECONDS", "the first lock; each further failure doubles it", 30.0)
    longest_seconds: float = setting("LOCKOUT_MAX_SECONDS", "the longest lock", 3600.0)
    memory_seconds: float = setting(
        "LOCKOUT_MEMORY_SECONDS", "quiet seconds after which failures are forgotten", 86400.0
    )


@dataclass(frozen=True)
class StoreConfig:
    """What `migrate` and `grant` are told: they need no secret but the database's."""

    postgres: PostgresConfig = section(PostgresConfig)


@dataclass(frozen=True)
class Config:
    """What the server is told."""

    postgres: PostgresConfig = section(PostgresConfig)
    bus: BusConfig = section(BusConfig)
    listen: ListenConfig = section(ListenConfig)
    telemetry: TelemetryConfig = section(TelemetryConfig)
    lifetimes: Lifetimes = section(Lifetimes)
    hashing: HashingConfig = section(HashingConfig)
    lockout: LockoutConfig = section(LockoutConfig)
    sealing_key: Secret = setting("SEALING_KEY", "32 random bytes in URL-safe base64 that encrypt the signing keys")
    service_secrets: Secret = setting(
        "SERVICE_SECRETS", "one `service=secret` a line: who may ask for service tokens", Secret("")
    )
    issuer: str = setting("TOKEN_ISSUER", "issuer that tokens name", "puremusic")
    audience: str = setting("TOKEN_AUDIENCE", "audience that tokens name", "puremusic")
    terms_version: str = setting("TERMS_VERSION", "version of the terms that users accept", "1")
    key_lead_seconds: int = setting("KEY_LEAD_SECONDS", "seconds a new signing key is published before it signs", 120)
    api_key_limit: int = setting("API_KEY_LIMIT", "API keys a user may have", 50)
    prune_seconds: float = setting("PRUNE_SECONDS", "seconds between removals of what has run out", 3600.0)

    def __post_init__(self) -> None:
        try:
            Fernet(self.sealing_key.reveal())
        except ValueError:
            # Without the cause: its text may quote what was given.
            raise ConfigError("PUREMUSIC_SEALING_KEY is not 32 bytes in URL-safe base64") from None
        self.client_secrets()

    def tokens(self) -> TokenConfig:
        """Return what a token must say. Auth reads its keys from its own database, so there is no URL."""
        return TokenConfig(jwks_url="", issuer=self.issuer, audience=self.audience)

    def client_secrets(self) -> Mapping[str, Secret]:
        """Return the services that may ask for tokens, with their secrets."""
        lines = [line.strip() for line in self.service_secrets.reveal().splitlines()]
        pairs = [line.partition("=") for line in lines if line and not line.startswith("#")]
        if not all(service.strip() and secret.strip() for service, _, secret in pairs):
            raise ConfigError("PUREMUSIC_SERVICE_SECRETS has a line that is not `service=secret`")
        return {service.strip(): Secret(secret.strip()) for service, _, secret in pairs}
