"""Progress on stderr: bars on a terminal, a line for each change elsewhere."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from puremusic.gateway.v1 import gateway_pb2
from puremusic.gateway.v1.gateway_pb2 import Job
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TransferSpeedColumn,
)
from rich.text import Text

from cli.client.watching import ended, failed
from cli.moments import length
from cli.output import plain

__all__ = ["KINDS", "Begin", "bytes_shown", "jobs_shown"]

KINDS = {
    gateway_pb2.JOB_KIND_IMPORT: "check",
    gateway_pb2.JOB_KIND_SEPARATION: "separation",
    gateway_pb2.JOB_KIND_ANALYSIS: "analysis",
    gateway_pb2.JOB_KIND_FUSION: "fusion",
}

Begin = Callable[[str, int], Callable[[int], None]]
"""Begins a bar of a name and a number of bytes, and gives what advances it."""


@contextmanager
def bytes_shown(console: Console) -> Iterator[Begin]:
    """Show bytes on their way."""
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bars:

        def begin(name: str, total: int) -> Callable[[int], None]:
            task = bars.add_task(plain(name), total=total)
            return lambda more: bars.advance(task, more)

        yield begin


@contextmanager
def jobs_shown(console: Console, titles: dict[str, str] | None = None) -> Iterator[Callable[[Job], None]]:
    """Show jobs as they go; gives what is told of each change. `titles` names tracks whose jobs have no title."""
    if not console.is_terminal:
        yield _Lines(console, titles or {}).show
        return
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, _Remaining(), console=console) as bars:
        yield _Bars(bars, titles or {}).show


class _Bars:
    def __init__(self, bars: Progress, titles: dict[str, str]) -> None:
        self._bars = bars
        self._titles = titles
        self._tasks: dict[str, TaskID] = {}

    def show(self, job: Job) -> None:
        task = self._tasks.get(job.job_id)
        if task is None:
            task = self._tasks[job.job_id] = self._bars.add_task("", total=1.0)
        done = 1.0 if ended(job) and not failed(job) else job.work.progress
        eta = job.work.eta_seconds if job.work.HasField("eta_seconds") and not ended(job) else None
        self._bars.update(task, description=_described(job, self._titles), completed=done, eta=eta)
        if failed(job):
            self._bars.stop_task(task)


class _Lines:
    def __init__(self, console: Console, titles: dict[str, str]) -> None:
        self._console = console
        self._titles = titles
        self._said: dict[str, str] = {}

    def show(self, job: Job) -> None:
        line = _described(job, self._titles).rstrip()
        if self._said.get(job.job_id) != line:
            self._said[job.job_id] = line
            self._console.print(line, soft_wrap=True)


class _Remaining(ProgressColumn):
    """What the worker itself expects, where it expects anything."""

    def render(self, task: Task) -> Text:
        eta: Any = task.fields.get("eta")
        return Text(f"{eta:.0f} s left" if eta else "", style="progress.remaining")


def _described(job: Job, titles: dict[str, str]) -> str:
    title = job.title or titles.get(job.track_id, "")
    playable = f"  {length(job.playable_seconds)} playable" if job.playable_seconds and not ended(job) else ""
    return plain(f"{KINDS.get(job.kind, 'job'):<10}  {job.status:<10}  {title:<24.24}{playable}")
