"""Staying with jobs until they are over."""

from collections.abc import Callable, Collection

from puremusic.gateway.v1.gateway_pb2 import Job

from cli.client import Api, watching
from cli.client.watching import Board, Goal
from cli.exit_codes import ExitCode
from cli.output import Output, short
from cli.progress import KINDS, jobs_shown

__all__ = ["follow", "verdict"]


def _not_heard(_: Job) -> None:
    return


async def follow(
    out: Output,
    api: Api,
    goal: Goal,
    about: Collection[str],
    titles: dict[str, str],
    heard: Callable[[Job], None] = _not_heard,
) -> Board:
    """Show the jobs that are, or are about the tracks that are, in `about` until `goal` is reached; say which failed.

    `heard` is told of each of their changes, too.
    """
    wanted = frozenset(about)
    with jobs_shown(out.notes, titles) as show:

        def changed(job: Job) -> None:
            if wanted & {job.job_id, job.track_id}:
                show(job)
                heard(job)

        board = await watching.watch(api, goal, changed, about)
    board.jobs = {key: job for key, job in board.jobs.items() if wanted & {job.job_id, job.track_id}}
    board.gone &= wanted
    for job in filter(watching.failed, board.jobs.values()):
        why = f"{job.work.failure.message} ({job.work.failure.reason})" if job.work.HasField("failure") else job.status
        out.note(f"{KINDS.get(job.kind, 'job')} {short(job.job_id)}: {why}", style="red")
    return board


def verdict(board: Board) -> ExitCode:
    """Return how a command ends whose jobs ended so."""
    bad = board.gone or any(map(watching.failed, board.jobs.values()))
    return ExitCode.JOB_FAILED if bad else ExitCode.OK
