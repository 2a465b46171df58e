"""A longer track takes more time, and no more memory."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[4]
MOST_MIB = 100

pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux says what a process held")


def peak_mib(seconds: int, *how: str) -> float:
    """What the worker's pipeline holds at most, over a track of so many seconds."""
    command = [sys.executable, "-m", "tests.unit.separation.service.pipeline", str(seconds), *how]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    return int(ended.stdout) / 1024


def test_five_minutes_need_no_more_memory_than_ten_seconds() -> None:
    assert peak_mib(300, "quick") - peak_mib(10, "quick") <= MOST_MIB


@pytest.mark.slow
def test_an_hour_needs_no_more_memory_than_a_minute() -> None:
    assert peak_mib(3600) - peak_mib(60) <= MOST_MIB
