"""For how long an address is locked."""

import pytest

from services.auth.config import LockoutConfig
from services.auth.credentials import lock_seconds

CONFIG = LockoutConfig(failures=5, first_seconds=30.0, longest_seconds=3600.0)


@pytest.mark.parametrize(
    ("failed", "seconds"),
    [(0, 0), (1, 0), (4, 0), (5, 30), (6, 60), (7, 120), (11, 1920), (12, 3600), (13, 3600), (100_000, 3600)],
)
def test_each_failure_beyond_the_limit_doubles_the_lock(failed: int, seconds: float) -> None:
    assert lock_seconds(failed, CONFIG) == seconds
