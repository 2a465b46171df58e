"""A long track takes time, and no more memory than a small machine has."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
MOST_MIB = 700
MOST_GROWTH_MIB = 60
MAPPED_MIB_PER_MINUTE = (
    60 * 22_050 * 4 / 2**20
)  # the file that the samples lie in; the system takes it back when it must


def peak_mib(minutes: int) -> float:
    """The most that a process holds which listens to so many minutes."""
    command = [sys.executable, "-m", "tests.unit.mir.listening_to", str(minutes)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    return int(ended.stdout) / 1024


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux says what a process held")
def test_half_an_hour_takes_hardly_more_memory_than_ten_minutes() -> None:
    short, long = peak_mib(10), peak_mib(30)
    assert long < MOST_MIB
    assert long - short < MOST_GROWTH_MIB + 20 * MAPPED_MIB_PER_MINUTE
