"""A child that fails says why; a child that is to end ends, with all that it started."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.process import Command, Process, StartError, sweep
from deploy.local.waiting import until

SLEEP = "import time; time.sleep(600)"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Where a process keeps its log and its pid file."""
    return tmp_path


@pytest.fixture
def started(place: Path) -> Iterator[list[Process]]:
    """Processes to be ended with the test."""
    processes: list[Process] = []
    yield processes
    for process in processes:
        process.kill()


def python(place: Path, program: str, grace: float = 5.0) -> Process:
    argv = (sys.executable, "-c", program)
    command = Command("child", argv, env={"PATH": os.environ["PATH"]}, cwd=place, grace_seconds=grace)
    return Process(command, logs=place, run=place)


def lives(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


def test_an_early_death_is_told_with_the_end_of_the_log(place: Path, started: list[Process]) -> None:
    process = python(place, "import sys; print('before'); sys.exit('no such file: settings')")
    started.append(process)
    process.start()
    with pytest.raises(StartError, match=r"(?s)child ended with 1 before it was ready.*no such file: settings"):
        process.wait_ready(lambda: False, 30)


def test_who_is_never_ready_is_told_too(place: Path, started: list[Process]) -> None:
    process = python(place, f"print('still waiting', flush=True); {SLEEP}")
    started.append(process)
    process.start()
    assert until(lambda: "still waiting" in process.log.read_text(), 30)
    with pytest.raises(StartError, match=r"(?s)was not ready after 0 s.*still waiting"):
        process.wait_ready(lambda: False, 0.1)


def test_only_the_present_run_is_told(place: Path, started: list[Process]) -> None:
    for words in ("the first run", "the second run"):
        process = python(place, f"import sys; sys.exit({words!r})")
        started.append(process)
        process.start()
        with pytest.raises(StartError) as failure:
            process.wait_done(30)
    assert "the second run" in str(failure.value)
    assert "the first run" not in str(failure.value)


def test_who_ignores_sigterm_is_ended_after_the_grace(place: Path, started: list[Process]) -> None:
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); "
    process = python(place, deaf + SLEEP, grace=0.2)
    started.append(process)
    process.start()
    process.wait_ready(lambda: "deaf" in process.log.read_text(), 30)
    process.stop()
    assert process.exit_code == -signal.SIGKILL


def test_a_stopped_process_leaves_no_grandchildren(place: Path, started: list[Process]) -> None:
    parent = (
        f"import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', {SLEEP!r}]); print(p.pid, flush=True); "
    )
    process = python(place, parent + SLEEP)
    started.append(process)
    process.start()
    process.wait_ready(lambda: process.log.read_text().strip().isdigit(), 30)
    grandchild = int(process.log.read_text())
    assert lives(grandchild)
    process.stop()
    assert until(lambda: not lives(grandchild), 10)
    assert not list(place.glob("*.pid"))


def test_what_a_killed_supervisor_left_is_swept(place: Path, started: list[Process]) -> None:
    process = python(place, SLEEP)
    started.append(process)
    process.start()
    pid = process.pid
    assert pid is not None
    # A supervisor of later: it knows no more than the pid file.
    sweep(place)
    assert not lives(pid)
    assert not list(place.glob("*.pid"))


def test_a_stranger_with_a_recorded_number_is_left_alone(place: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", SLEEP], start_new_session=True) as stranger:
        (place / "child.pid").write_text(json.dumps({"pid": stranger.pid, "started": 1, "stop_signal": 15}))
        (place / "torn.pid").write_text('{"pid": ')
        sweep(place)
        assert stranger.poll() is None
        stranger.kill()
