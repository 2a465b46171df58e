"""The parent survives whatever the child does, and never leaves it running."""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from services.ingest.decoding import Cancelled, DecoderUnavailable, Limits, Reason, Rejected, decode, decoder
from tests.unit.ingest.recordings import RATE, converted, tones, written

READY = 'print(json.dumps({"ready": True}), flush=True)'


@pytest.fixture
def song(tmp_path: Path) -> Path:
    """A short song that is in order."""
    return written(tmp_path / "a.wav", tones(), subtype="PCM_16")


@pytest.fixture
async def children(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[list[int]]:
    """The process ids of all children; when the test ends, nothing of their groups may be left running."""
    started: list[int] = []
    start = asyncio.create_subprocess_exec

    async def noted(*command: str, **options: Any) -> asyncio.subprocess.Process:
        child = await start(*command, **options)
        started.append(child.pid)
        return child

    monkeypatch.setattr(asyncio, "create_subprocess_exec", noted)
    yield started
    await _until(lambda: not any(_alive(group) for group in started))


async def _until(fulfilled: Callable[[], bool]) -> None:
    """Waits a few seconds: a killed process takes a moment to be gone."""
    for _ in range(100):
        if fulfilled():
            return
        await asyncio.sleep(0.05)
    pytest.fail("it never came true")


def _alive(group: int) -> bool:
    """Whether a process of `group` runs; one that waits to be buried by a lazy process 1 does not."""
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            state, _, member_of = (entry / "stat").read_text().rpartition(")")[2].split()[:3]
        except OSError:  # it has ended meanwhile
            continue
        if int(member_of) == group and state != "Z":
            return True
    return False


def _speaking(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    """Replaces the child by a program of these lines."""
    program = "\n".join(("import json, os, signal, subprocess, sys, time", *lines))
    monkeypatch.setattr(decoder, "_command", lambda order: [sys.executable, "-I", "-c", program, order])


async def test_no_secret_and_no_standard_input_reach_the_child(
    monkeypatch: pytest.MonkeyPatch, song: Path, into: Path
) -> None:
    monkeypatch.setenv("PUREMUSIC_S3_SECRET_KEY", "a secret")
    monkeypatch.setattr(decoder, "TEXT_LIMIT", 10_000)
    said = 'print(json.dumps({"rejected": ["EMPTY", repr(dict(os.environ)), repr(sys.stdin.read())]}))'
    _speaking(monkeypatch, READY, said)
    with pytest.raises(Rejected) as caught:
        await decode(song, into)
    assert "secret" not in caught.value.message
    assert "PUREMUSIC" not in caught.value.message
    assert caught.value.detail == "''"


@pytest.mark.parametrize(
    "words",
    [
        "print('hello')",
        "print('[' * 1000)",
        "sys.stdout.write('x' * 10_000_000)",
        "print(json.dumps({'rejected': ['NO_SUCH_REASON', '', '']}))",
        "print(json.dumps({'master': {}}))",
        "print(json.dumps({'master': {'path': '/etc/passwd'}}))",
        "print(json.dumps({'master': {'frames': -1}}))",
        "print(json.dumps({'master': {'frames': 'many'}}))",
        "print(json.dumps({'master': {'no such field': 1}}))",
        "os.kill(os.getpid(), signal.SIGSEGV)",
        "os.abort()",
        "sys.exit(0)",
        "sys.exit(3)",
    ],
)
async def test_a_child_that_misbehaves_rejects_the_file(
    monkeypatch: pytest.MonkeyPatch, song: Path, into: Path, children: list[int], words: str
) -> None:
    _speaking(monkeypatch, READY, words)
    with pytest.raises(Rejected) as caught:
        await decode(song, into)
    assert caught.value.reason is Reason.DECODER_FAILED
    assert children


async def test_a_master_must_be_there(monkeypatch: pytest.MonkeyPatch, song: Path, into: Path) -> None:
    numbers = {"sample_rate": 1, "channels": 1, "frames": 1, "bit_depth": 1, "original_bytes": 1, "gain": 1.0}
    names = ("encoding", "format", "mime_type", "content_sha256", "original_sha256")
    fields = json.dumps({"master": numbers | dict.fromkeys(names, "x")})
    _speaking(monkeypatch, READY, f"print({fields!r})")
    with pytest.raises(Rejected, match="left no master"):
        await decode(song, into)


async def test_a_child_that_talks_without_end(
    monkeypatch: pytest.MonkeyPatch, song: Path, into: Path, children: list[int]
) -> None:
    monkeypatch.setattr(decoder, "LINE_LIMIT", 1000)
    _speaking(monkeypatch, READY, "while True: print(json.dumps({'progress': 0.5}))")
    with pytest.raises(Rejected, match="without end"):
        await decode(song, into)
    assert children


async def test_a_child_that_cannot_start_says_nothing_about_the_file(
    monkeypatch: pytest.MonkeyPatch, song: Path, into: Path
) -> None:
    _speaking(monkeypatch, "import no_such_module")
    with pytest.raises(DecoderUnavailable, match="did not start"):
        await decode(song, into)


async def test_a_child_killed_from_outside_says_nothing_about_the_file(
    monkeypatch: pytest.MonkeyPatch, song: Path, into: Path
) -> None:
    _speaking(monkeypatch, READY, "os.kill(os.getpid(), signal.SIGKILL)")
    with pytest.raises(DecoderUnavailable, match="signal 9"):
        await decode(song, into)


async def test_a_missing_ffmpeg_is_not_the_files_fault(monkeypatch: pytest.MonkeyPatch, song: Path, into: Path) -> None:
    _speaking(monkeypatch, READY, "print(json.dumps({'unavailable': 'no ffmpeg'}))")
    with pytest.raises(DecoderUnavailable, match="no ffmpeg"):
        await decode(song, into)


async def test_an_endless_decode_is_ended(
    monkeypatch: pytest.MonkeyPatch, song: Path, into: Path, children: list[int]
) -> None:
    grandchild = "subprocess.Popen([sys.executable, '-c', 'while True: pass'])"
    half = "open('master.flac', 'w').write('half')"
    _speaking(monkeypatch, READY, half, grandchild, "while True: pass")
    with pytest.raises(Rejected) as caught:
        await decode(song, into, Limits(wall_seconds=1))
    assert caught.value.reason is Reason.TIMED_OUT
    assert not list(into.iterdir())
    assert children


async def test_processor_time_used_up(monkeypatch: pytest.MonkeyPatch, song: Path, into: Path) -> None:
    _speaking(monkeypatch, READY, "os.kill(os.getpid(), signal.SIGXCPU)")
    with pytest.raises(Rejected) as caught:
        await decode(song, into)
    assert caught.value.reason is Reason.TIMED_OUT


async def test_memory_is_limited(song: Path, into: Path) -> None:
    with pytest.raises((Rejected, DecoderUnavailable)):
        await decode(song, into, Limits(memory_bytes=50_000_000))
    assert not list(into.iterdir())


async def test_a_write_beyond_the_limit_fails(tmp_path: Path, into: Path) -> None:
    noise = np.random.default_rng(1).uniform(-1, 1, (40 * RATE, 2))
    path = written(tmp_path / "a.wav", noise, subtype="PCM_24")
    with pytest.raises(Rejected):
        await decode(path, into, Limits(max_frames=100_000))
    assert not list(into.iterdir())


@pytest.fixture(scope="module")
def long_song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A song that takes a second or more to decode."""
    minute = tones(60, 192_000)
    path = tmp_path_factory.mktemp("long") / "long.wav"
    return written(path, np.concatenate((minute, minute)), 192_000, subtype="PCM_24")


async def _under_way(decoding: asyncio.Task[object], moving: asyncio.Event) -> None:
    """Waits until the decode makes progress; fails if it ends before."""
    waiting = asyncio.create_task(moving.wait())
    await asyncio.wait((decoding, waiting), return_when=asyncio.FIRST_COMPLETED)
    assert not decoding.done()


async def test_cancelling_the_task_kills_the_child(long_song: Path, into: Path, children: list[int]) -> None:
    moving = asyncio.Event()
    decoding = asyncio.create_task(decode(long_song, into, progress=lambda _: moving.set()))
    await _under_way(decoding, moving)
    assert list(into.iterdir())
    decoding.cancel()
    with pytest.raises(asyncio.CancelledError):
        await decoding
    assert not list(into.iterdir())
    assert len(children) == 1


async def test_asking_for_cancellation_kills_the_child(long_song: Path, into: Path, children: list[int]) -> None:
    moving, cancelled = asyncio.Event(), asyncio.Event()
    decoding = asyncio.create_task(decode(long_song, into, cancelled=cancelled, progress=lambda _: moving.set()))
    await _under_way(decoding, moving)
    cancelled.set()
    with pytest.raises(Cancelled):
        await decoding
    assert not list(into.iterdir())
    assert len(children) == 1


async def test_cancelling_ends_ffmpeg_too(long_song: Path, tmp_path: Path, into: Path, children: list[int]) -> None:
    song = converted(long_song, tmp_path / "long.m4a", "-c:a", "alac")
    moving, cancelled = asyncio.Event(), asyncio.Event()
    decoding = asyncio.create_task(decode(song, into, cancelled=cancelled, progress=lambda _: moving.set()))
    await _under_way(decoding, moving)
    cancelled.set()
    with pytest.raises(Cancelled):
        await decoding
    assert len(children) == 1


async def test_an_event_that_is_never_set_changes_nothing(song: Path, into: Path) -> None:
    assert (await decode(song, into, cancelled=asyncio.Event())).frames == RATE


async def test_a_listener_that_fails_ends_the_child(long_song: Path, into: Path, children: list[int]) -> None:
    def failing(_: float) -> None:
        raise LookupError("the job is gone")

    with pytest.raises(LookupError):
        await decode(long_song, into, progress=failing)
    assert not list(into.iterdir())
    assert children


async def test_the_loop_stays_alive_and_decodes_go_side_by_side(song: Path, tmp_path: Path) -> None:
    folders = [tmp_path / str(number) for number in range(3)]
    for folder in folders:
        folder.mkdir()
    masters = await asyncio.gather(*(decode(song, folder) for folder in folders))
    assert len({master.content_sha256 for master in masters}) == 1


async def test_the_child_dies_with_its_parent(long_song: Path, into: Path) -> None:
    program = (
        "import asyncio, os, signal, sys; from pathlib import Path\n"
        "from services.ingest.decoding import decode\n"
        "end = lambda _: os.kill(os.getpid(), signal.SIGKILL)\n"
        "asyncio.run(decode(Path(sys.argv[1]), Path(sys.argv[2]), progress=end))\n"
    )
    worker = await asyncio.create_subprocess_exec(sys.executable, "-c", program, str(long_song), str(into))
    assert await worker.wait() == -signal.SIGKILL
    await _until(lambda: not _decoders_of(into))


def _decoders_of(into: Path) -> list[int]:
    """Processes whose command line names the folder `into`."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and str(into).encode() in (entry / "cmdline").read_bytes():
                found.append(int(entry.name))
        except OSError:  # it has ended meanwhile
            continue
    return found
