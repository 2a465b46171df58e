"""Runs the child that opens a stranger's file: starts it, listens to it, ends it.

This side never looks into the file. It trusts the child with nothing but CPU time: what it says is checked, what it leaves
behind on failure is removed, and no way out of here leaves it, or anything it started, running.
"""

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from services.ingest.decoding.limits import Limits
from services.ingest.decoding.master import MASTER_NAME, WAVEFORM_NAME, Master
from services.ingest.decoding.rejection import Reason, Rejected

LINE_BYTES: Final = 16_384
LINE_LIMIT: Final = 100_000
TEXT_LIMIT: Final = 500

# No secrets, no search paths. One thread: more would only cost address space.
_ENVIRONMENT: Final = {"LC_ALL": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


class DecoderUnavailable(RuntimeError):
    """The decoder could not run, or was stopped from outside: says nothing about the file, so try again later."""


class Cancelled(Exception):
    """The decode was given up because `cancelled` was set."""


Listener = Callable[[float], None]


async def decode(
    original: Path,
    into: Path,
    limits: Limits | None = None,
    *,
    cancelled: asyncio.Event | None = None,
    progress: Listener | None = None,
) -> Master:
    """Decode the file at `original` into the folder `into` (which exists), within `limits`.

    Writes `master.flac` and `waveform.bin` there; neither is left after any exception. `progress` hears a share from 0
    to 1, never falling. Setting `cancelled`, or cancelling the task, kills the decode at once.

    Raises Rejected where the file is at fault, DecoderUnavailable where the machine is, Cancelled.
    """
    limits = limits or Limits()
    _check_size(original, limits)
    try:
        async with asyncio.timeout(limits.wall_seconds):
            async with _child(original, into, limits) as child:
                return await _unless(cancelled, _answer(child, into, progress))
    except BaseException as error:
        _remove(into)
        if isinstance(error, TimeoutError):
            raise Rejected.because(Reason.TIMED_OUT, f"{limits.wall_seconds:g} s on the clock") from error
        raise


def _check_size(original: Path, limits: Limits) -> None:
    size = original.stat().st_size
    if size == 0:
        raise Rejected.because(Reason.EMPTY)
    if size > limits.max_bytes:
        raise Rejected.because(Reason.TOO_LARGE, megabytes=size / 1e6, most=limits.max_bytes / 1e6)


def _remove(into: Path) -> None:
    for name in (MASTER_NAME, WAVEFORM_NAME):
        (into / name).unlink(missing_ok=True)


def _command(order: str) -> list[str]:
    # -I: neither the environment nor the working directory decides which code runs.
    return [sys.executable, "-I", "-X", "utf8", "-m", "services.ingest.decoding.child", order]


@asynccontextmanager
async def _child(original: Path, into: Path, limits: Limits) -> AsyncIterator[asyncio.subprocess.Process]:
    """The child, running; when this ends, so do it and all it started."""
    order = {
        "original": str(original.resolve()),
        "into": str(into.resolve()),
        "parent": os.getpid(),
        "limits": limits.to_json(),
    }
    child = await asyncio.create_subprocess_exec(
        *_command(json.dumps(order)),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        limit=LINE_BYTES,
        cwd=into,
        env=_ENVIRONMENT,
        umask=0o077,
        start_new_session=True,
    )
    try:
        yield child
    finally:
        await _end(child)


async def _end(child: asyncio.subprocess.Process) -> None:
    # The group outlives its leader, so this reaches a grandchild whose parent has gone.
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    await child.communicate()
    await asyncio.to_thread(_bury, child.pid)


def _bury(group: int) -> None:
    """Reap killed grandchildren where they have become ours: as process 1 of a container we inherit every orphan."""
    with contextlib.suppress(ChildProcessError):
        while True:
            os.waitpid(-group, 0)


async def _unless(cancelled: asyncio.Event | None, answer: Coroutine[Any, Any, Master]) -> Master:
    if cancelled is None:
        return await answer
    listening, stopping = asyncio.create_task(answer), asyncio.create_task(cancelled.wait())
    try:
        await asyncio.wait((listening, stopping), return_when=asyncio.FIRST_COMPLETED)
        if not listening.done():
            raise Cancelled("the decode was cancelled")
        return listening.result()
    finally:
        listening.cancel()
        stopping.cancel()
        await asyncio.gather(listening, stopping, return_exceptions=True)


async def _answer(child: asyncio.subprocess.Process, into: Path, progress: Listener | None) -> Master:
    """What the child says, up to its last word."""
    ready, share = False, 0.0
    for _ in range(LINE_LIMIT):
        match await _message(child):
            case {"ready": True}:
                ready = True
            case {"progress": int() | float() as now} if progress and share <= now <= 1:
                share = now
                progress(share)
            case {"rejected": [str() as reason, str() as message, str() as detail]}:
                raise _rejected(reason, message, detail)
            case {"unavailable": str() as why}:
                raise DecoderUnavailable(why[:TEXT_LIMIT])
            case {"master": dict() as fields}:
                return _master(fields, into)
            case None:
                raise _ended(await child.wait(), ready=ready)
    raise _damaged("the child talks without end")


async def _message(child: asyncio.subprocess.Process) -> object:
    """The next thing the child says; None at the end."""
    assert child.stdout is not None  # noqa: S101  # started with a pipe
    try:
        line = await child.stdout.readline()
        return json.loads(line) if line else None
    except (ValueError, RecursionError) as error:  # no JSON, or a line without end
        raise _damaged("the child talks nonsense") from error


def _master(fields: dict[str, Any], into: Path) -> Master:
    try:
        master = Master.from_json(fields, into)
    except (TypeError, ValueError, KeyError) as error:
        raise _damaged("the child's answer is no master") from error
    if not (master.path.is_file() and master.waveform.is_file()):
        raise _damaged("the child left no master")
    return master


def _rejected(reason: str, message: str, detail: str) -> Rejected:
    if reason not in Reason.__members__:
        return _damaged("the child gives no reason that we know")
    return Rejected(Reason(reason), message[:TEXT_LIMIT], detail[:TEXT_LIMIT])


def _ended(code: int, *, ready: bool) -> Exception:
    """What it means that the child ended with `code` and without an answer."""
    if not ready:
        return DecoderUnavailable(f"the decoder did not start (exit status {code})")
    if code == -signal.SIGXCPU:
        return Rejected.because(Reason.TIMED_OUT, "processor time used up")
    if code in (-signal.SIGKILL, -signal.SIGTERM, -signal.SIGINT):
        return DecoderUnavailable(f"the decoder was stopped from outside (signal {-code})")
    return _damaged(f"the child ended with status {code}")


def _damaged(detail: str) -> Rejected:
    return Rejected.because(Reason.DECODER_FAILED, detail, found="audio")
