"""A long track takes time, and no more memory than a small machine has."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
MOST_MIB = 800


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux says what a process held")
def test_half_an_hour_is_heard_in_800_megabytes() -> None:
    command = [sys.executable, "-m", "tests.unit.mir.listening_to", "30"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    assert int(ended.stdout) / 1024 < MOST_MIB
