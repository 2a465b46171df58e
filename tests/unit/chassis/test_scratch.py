"""Temporary files never outlive their job, nor a killed process for long."""

import subprocess
import sys
from pathlib import Path

import pytest

from chassis.scratch import Scratch, ScratchConfig


def test_a_job_s_folder_is_gone_after_it_even_when_it_failed(tmp_path: Path) -> None:
    scratch = Scratch(ScratchConfig(str(tmp_path)), "test")
    seen: list[Path] = []

    def work() -> None:
        with scratch.job() as folder:
            (folder / "file").write_bytes(b"x")
            seen.append(folder)
            raise RuntimeError("boom")

    with pytest.raises(RuntimeError, match="boom"):
        work()
    assert not seen[0].exists()


def test_a_sweep_removes_what_a_dead_process_left_and_nothing_else(tmp_path: Path) -> None:
    dead = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, text=True, check=True
    )
    left = tmp_path / "puremusic-test" / dead.stdout.strip()
    left.mkdir(parents=True)
    (left / "file").write_bytes(b"x")
    scratch = Scratch(ScratchConfig(str(tmp_path)), "test")
    with scratch.job() as mine:
        assert scratch.sweep() == 1
        assert mine.exists()
    assert not left.exists()
