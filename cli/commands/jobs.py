"""`jobs`, `jobs cancel`."""

from typing import Annotated

import typer
from puremusic.gateway.v1 import gateway_pb2
from puremusic.gateway.v1.gateway_pb2 import Job

from cli.client import methods, watching
from cli.client.watching import Board
from cli.desk import Desk, Json, run
from cli.exit_codes import ExitCode
from cli.following import verdict
from cli.lookup import job_id
from cli.moments import moment
from cli.output import as_dict, short
from cli.progress import KINDS, jobs_shown

__all__ = ["app"]

app = typer.Typer(help="See what is being done, or stop it.")

Watch = Annotated[
    bool, typer.Option("--watch", help="Show changes until nothing is left to do; with --json a line for each.")
]
Limit = Annotated[int, typer.Option(help="At most so many; 0: all.", min=0)]


@app.callback(invoke_without_command=True)
def show(context: typer.Context, watch: Watch = False, limit: Limit = 50, as_json: Json = False) -> None:
    """List your jobs, newest first, or watch those that are not over."""
    if context.invoked_subcommand is None:
        run(context, _watch if watch else lambda desk: _list(desk, limit), as_json=as_json)


@app.command()
def cancel(
    context: typer.Context,
    job: Annotated[str, typer.Argument(help="Id, beginning of the id, or title.")],
    as_json: Json = False,
) -> None:
    """Stop a job."""

    async def action(desk: Desk) -> None:
        request = gateway_pb2.CancelJobRequest(job_id=await job_id(desk.api, job))
        stopped = await desk.api.call(methods.CANCEL_JOB, request)
        words = f"{KINDS.get(stopped.kind, 'job')} {short(stopped.job_id)}: {stopped.status}"
        desk.out.result(stopped, lambda: desk.out.say(words))

    run(context, action, as_json=as_json)


async def _list(desk: Desk, limit: int) -> None:
    request = gateway_pb2.ListJobsRequest(page_size=min(limit or 200, 200))
    found = await desk.api.items(methods.LIST_JOBS, request, lambda page: page.jobs, limit)
    columns = ("job", "kind", "status", ("done", "right"), "title", "asked", ("computing", "right"), "why")
    desk.out.result({"jobs": [as_dict(job) for job in found]}, lambda: desk.out.table(columns, map(_row, found)))


async def _watch(desk: Desk) -> ExitCode:
    """Follow what is not over; what had ended before is no news."""
    followed: set[str] = set()

    def over(board: Board) -> bool:
        return all(map(watching.ended, board.jobs.values()))

    with jobs_shown(desk.out.notes) as show_job:

        def changed(job: Job) -> None:
            if job.job_id not in followed and watching.ended(job):
                return
            followed.add(job.job_id)
            if desk.out.as_json:
                desk.out.line(job)
            else:
                show_job(job)

        board = await watching.watch(desk.api, over, changed)
    board.jobs = {key: job for key, job in board.jobs.items() if key in followed}
    board.gone.clear()
    return verdict(board)


def _row(job: Job) -> tuple[str, ...]:
    return (
        short(job.job_id),
        KINDS.get(job.kind, "job"),
        job.status,
        f"{job.work.progress:.0%}",
        job.title,
        moment(job.work.create_time),
        f"{job.work.engine_seconds:.1f} s",
        job.work.failure.reason or "-",
    )
