"""Everything gateway can be told from outside."""

from dataclasses import dataclass
from pathlib import Path

from chassis.config import section, setting
from chassis.identity import TokenConfig
from chassis.jetstream import BusConfig
from chassis.postgres import PostgresConfig
from chassis.server import ListenConfig
from chassis.telemetry import TelemetryConfig

MIGRATIONS = Path(__file__).parent / "migrations"

WEB_CLIENT = Path(__file__).parent / "web_client"
"""Where `make web` builds the web client, as a part of this package."""


@dataclass(frozen=True)
class PeersConfig:
    """Where the other services' gRPC servers are."""

    auth: str = setting("AUTH_ADDRESS", "host:port of auth's gRPC server")
    ingest: str = setting("INGEST_ADDRESS", "host:port of ingest's gRPC server")
    separation: str = setting("SEPARATION_ADDRESS", "host:port of separation's gRPC server")
    mir: str = setting("MIR_ADDRESS", "host:port of mir's gRPC server")
    fusion: str = setting("FUSION_ADDRESS", "host:port of fusion's gRPC server")


@dataclass(frozen=True)
class BrowserConfig:
    """What browsers are served."""

    public_url: str = setting("PUBLIC_URL", "address of the whole as clients see it; its origin may hold a session")
    allowed_origins: tuple[str, ...] = setting("ALLOWED_ORIGINS", "further origins that may hold a session", ())
    static_directory: str = setting(
        "STATIC_DIR", "folder of the web client; empty: the one that was built into gateway", ""
    )


@dataclass(frozen=True)
class RightsConfig:
    """What the operator says to everybody."""

    terms_version: str = setting("TERMS_VERSION", "version of the terms that users accept", "1")
    directory: str = setting(
        "RIGHTS_DIR",
        "folder with terms.md, copyright.md, contact.md; what is not there is said as on one's own machine",
        "",
    )


@dataclass(frozen=True)
class StoreConfig:
    """What `migrate` is told: it needs nothing but the database."""

    postgres: PostgresConfig = section(PostgresConfig)


@dataclass(frozen=True)
class ServeConfig:
    """Of the server."""

    listen: ListenConfig = section(ListenConfig)
    telemetry: TelemetryConfig = section(TelemetryConfig)
    postgres: PostgresConfig = section(PostgresConfig)
    bus: BusConfig = section(BusConfig)
    tokens: TokenConfig = section(TokenConfig)
    peers: PeersConfig = section(PeersConfig)
    browser: BrowserConfig = section(BrowserConfig)
    rights: RightsConfig = section(RightsConfig)
