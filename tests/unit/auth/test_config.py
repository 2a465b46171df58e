"""What auth accepts of its environment."""

from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from chassis.config import ConfigError, load, variables
from services.auth.config import Config, StoreConfig

SEALING_KEY = Fernet.generate_key().decode()
REQUIRED = {
    "PUREMUSIC_POSTGRES_URL": "postgresql://auth@localhost:5432/puremusic",
    "PUREMUSIC_NATS_URL": "nats://localhost:4222",
    "PUREMUSIC_SEALING_KEY": SEALING_KEY,
}


def test_three_variables_are_enough() -> None:
    config = load(Config, REQUIRED)
    assert config.lifetimes.access_seconds == 15 * 60
    assert config.lifetimes.refresh_seconds == 7 * 24 * 3600
    assert config.lifetimes.service_seconds == 5 * 60
    assert config.lifetimes.session_seconds == 30 * 24 * 3600
    assert config.tokens().issuer == config.tokens().audience == "puremusic"
    assert not config.client_secrets()


def test_a_key_is_published_longer_than_it_is_cached_before_it_signs() -> None:
    assert load(Config, REQUIRED).key_lead_seconds > 60


def test_a_sealing_key_of_another_shape_is_refused_without_being_shown() -> None:
    with pytest.raises(ConfigError, match="PUREMUSIC_SEALING_KEY") as refused:
        load(Config, {**REQUIRED, "PUREMUSIC_SEALING_KEY": "not-a-key"})
    assert "not-a-key" not in str(refused.value)


def test_a_missing_sealing_key_is_named() -> None:
    rest = {name: value for name, value in REQUIRED.items() if name != "PUREMUSIC_SEALING_KEY"}
    with pytest.raises(ConfigError, match="PUREMUSIC_SEALING_KEY is not set"):
        load(Config, rest)


def test_services_and_their_secrets_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "services").write_text("# who may act for users\nmir = one\n\nfusion=two=2\n")
    config = load(Config, {**REQUIRED, "PUREMUSIC_SERVICE_SECRETS_FILE": str(tmp_path / "services")})
    assert {name: secret.reveal() for name, secret in config.client_secrets().items()} == {
        "mir": "one",
        "fusion": "two=2",
    }
    assert "one" not in repr(config)


@pytest.mark.parametrize("line", ["mir", "mir=", "=secret"])
def test_a_line_without_service_or_secret_is_refused(line: str) -> None:
    with pytest.raises(ConfigError, match="PUREMUSIC_SERVICE_SECRETS"):
        load(Config, {**REQUIRED, "PUREMUSIC_SERVICE_SECRETS": line})


def test_migrating_needs_no_secret_but_the_databases() -> None:
    assert {variable.name for variable in variables(StoreConfig)} == {
        "PUREMUSIC_POSTGRES_URL",
        "PUREMUSIC_POSTGRES_PASSWORD",
        "PUREMUSIC_POSTGRES_POOL_SIZE",
    }
