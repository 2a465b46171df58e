"""Configuration becomes limits, and a server starts without what only a worker needs."""

import subprocess
import sys

from chassis import config
from services.ingest.config import FileConfig, QuotaConfig, ServeConfig, WorkConfig
from services.ingest.decoding import Limits


def test_the_defaults_are_the_decoders_own() -> None:
    assert config.load(FileConfig, {}).limits() == Limits()


def test_limits_follow_the_environment() -> None:
    environment = {
        "PUREMUSIC_INGEST_MAX_FILE_BYTES": "1000",
        "PUREMUSIC_INGEST_MAX_SECONDS": "60",
        "PUREMUSIC_INGEST_DECODE_CPU_SECONDS": "7",
    }
    limits = config.load(FileConfig, environment).limits()
    assert (limits.max_bytes, limits.max_seconds, limits.cpu_seconds) == (1000, 60.0, 7)
    assert limits.frames_at(192_000) == 60 * 192_000


def test_quotas() -> None:
    quota = config.load(QuotaConfig, {})
    assert (quota.tracks, quota.storage_bytes) == (200, 20_000_000_000)


def test_every_variable_is_listed_once_with_its_meaning() -> None:
    for kind in (ServeConfig, WorkConfig):
        listed = list(config.variables(kind))
        assert len({variable.name for variable in listed}) == len(listed)
        assert all(variable.meaning for variable in listed)


def test_a_server_starts_without_numbers_and_decoders() -> None:
    heavy = ("numpy", "soundfile", "soxr", "pydub")
    program = f"import services.ingest.__main__, sys; sys.exit(str([m for m in {heavy} if m in sys.modules] or ''))"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert ended.stderr.strip() == ""
