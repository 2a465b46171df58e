"""What the child may not do. Each case runs in a process of its own, which confines itself and then tries."""

import platform
import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() not in ("x86_64", "aarch64"),
    reason="the walls are built of seccomp and Landlock, which only Linux has",
)


def _trying(tmp_path: Path, attempt: str) -> str:
    """What a confined process says after `attempt`; `own` and `mine` are its file and folder."""
    mine, own, other = tmp_path / "mine", tmp_path / "own.wav", tmp_path / "other.txt"
    mine.mkdir()
    own.write_text("own")
    other.write_text("a secret")
    program = f"""
import os, pathlib, socket, subprocess, sys
from services.ingest.decoding import confinement
own, mine, other = map(pathlib.Path, {[str(own), str(mine), str(other)]!r})
programs = [pathlib.Path(p) for p in ("/usr", "/lib", "/lib64", "/bin", sys.prefix, sys.base_prefix)]
confinement.bound(512 * 1024**2, 20, 1_000_000)
assert confinement.forbid_files(own, programs, mine), "no Landlock"
assert confinement.forbid_calls(), "no seccomp"
def attempt():
    {attempt}
try:
    print("done", attempt())
except (OSError, MemoryError) as error:
    print(type(error).__name__)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60)
    return done.stdout.strip() or f"ended with {done.returncode}: {done.stderr}"


@pytest.mark.parametrize(
    "attempt",
    [
        "socket.socket()",
        "socket.socket(socket.AF_UNIX)",
        "os.setsid()",
        "os.setpgid(0, 0)",
        "other.read_text()",
        "pathlib.Path(f'/proc/{os.getppid()}/environ').read_bytes()",
        "pathlib.Path('/etc/passwd').read_text()",
        "own.write_text('changed')",
        "own.unlink()",
        "(own.parent / 'new').write_text('x')",
        "(mine / 'folder').mkdir()",
        "(mine / 'link').symlink_to(other)",
        "subprocess.run([str(own)])",
    ],
)
def test_what_is_denied(tmp_path: Path, attempt: str) -> None:
    assert _trying(tmp_path, attempt) == "PermissionError"


@pytest.mark.parametrize(
    "attempt",
    [
        "own.read_text()",
        "(mine / 'master.flac').write_bytes(b'x' * 1000)",
        "subprocess.run(['/bin/true'], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)",
    ],
)
def test_what_is_needed_is_allowed(tmp_path: Path, attempt: str) -> None:
    assert _trying(tmp_path, attempt).startswith("done")


def test_programs_it_starts_are_confined_as_well(tmp_path: Path) -> None:
    attempt = "return subprocess.run(['/bin/cat', str(other)], stdout=subprocess.PIPE).stdout"
    assert _trying(tmp_path, attempt) == "done b''"


def test_memory(tmp_path: Path) -> None:
    assert _trying(tmp_path, "bytearray(1024**3)") == "MemoryError"


def test_the_size_of_a_file(tmp_path: Path) -> None:
    assert _trying(tmp_path, "(mine / 'big').write_bytes(bytes(2_000_000))") == "OSError"


def test_processor_time(tmp_path: Path) -> None:
    ended = _trying(tmp_path, "confinement.bound(512 * 1024**2, 1, 1_000_000)\n    while True: pass")
    assert ended.startswith(f"ended with {-signal.SIGXCPU}")


def test_open_files(tmp_path: Path) -> None:
    assert _trying(tmp_path, "[own.open() for _ in range(100)]") == "OSError"


def test_a_child_whose_parent_has_gone_ends_at_once() -> None:
    program = "from services.ingest.decoding import confinement; confinement.die_with(1 << 30); print('still here')"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (1, b"")
