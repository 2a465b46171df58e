"""Watching jobs: the stream of all of them, joined again where it breaks, until what one waits for has come about."""

from collections.abc import AsyncGenerator, Callable, Collection, Iterable
from contextlib import aclosing
from dataclasses import dataclass, field

from puremusic.gateway.v1 import gateway_pb2
from puremusic.gateway.v1.gateway_pb2 import Job
from puremusic.job.v1 import job_pb2

from cli.client import methods
from cli.client.api import Api
from cli.client.errors import ApiError, Unavailable
from cli.client.retrying import backoff

__all__ = ["ENDED", "Board", "ended", "failed", "jobs_ended", "tracks_settled", "watch"]

ENDED = (job_pb2.JOB_STATE_COMPLETED, job_pb2.JOB_STATE_FAILED, job_pb2.JOB_STATE_CANCELLED)

_TRIES = 10
_MOST_NAMED = 100  # the API's limit


def ended(job: Job) -> bool:
    """Whether nothing more will happen to it."""
    return job.state in ENDED


def failed(job: Job) -> bool:
    """Whether it ended without a result."""
    return ended(job) and job.state != job_pb2.JOB_STATE_COMPLETED


@dataclass
class Board:
    """The newest that is known of each job."""

    jobs: dict[str, Job] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    """Jobs that were deleted, with their track or by themselves."""

    def put(self, job: Job) -> bool:
        """Take a job over, unless a newer version is known; say whether anything changed."""
        known = self.jobs.get(job.job_id)
        if known is not None and (known.version > job.version or known == job):
            return False
        self.jobs[job.job_id] = job
        return True

    def remove(self, job_id: str) -> None:
        """Remember that a job is gone."""
        self.gone.add(job_id)
        self.jobs.pop(job_id, None)

    def of_track(self, track_id: str, kind: int) -> list[Job]:
        """Return the jobs of a kind about a track."""
        return [job for job in self.jobs.values() if job.track_id == track_id and job.kind == kind]


Goal = Callable[[Board], bool]


def jobs_ended(job_ids: Collection[str]) -> Goal:
    """Wait for these jobs."""

    def reached(board: Board) -> bool:
        return all(each in board.gone or (each in board.jobs and ended(board.jobs[each])) for each in job_ids)

    return reached


def tracks_settled(track_ids: Collection[str], *, process: bool = True) -> Goal:
    """Wait until these uploads were checked and, with `process`, separated and analysed by themselves."""

    def reached(board: Board) -> bool:
        return all(each in board.gone or _settled(board, each, process=process) for each in track_ids)

    return reached


def _settled(board: Board, track_id: str, *, process: bool) -> bool:
    check = board.jobs.get(track_id)
    if check is None or not ended(check):
        return False
    if failed(check) or not process:
        return True
    following = (gateway_pb2.JOB_KIND_SEPARATION, gateway_pb2.JOB_KIND_ANALYSIS)
    return all(any(map(ended, board.of_track(track_id, kind))) for kind in following)


async def watch(api: Api, goal: Goal, changed: Callable[[Job], None], job_ids: Iterable[str] = ()) -> Board:
    """Watch all jobs of the user until `goal` is reached; `changed` is told of every change.

    Name the jobs one waits for: one that is over already is shown only when it is named.
    """
    board = Board()
    async with aclosing(_updates(api, board, tuple(job_ids))) as updates:
        async for jobs in updates:
            for job in jobs:
                if board.put(job):
                    changed(job)
            if goal(board):
                break
    return board


async def _updates(api: Api, board: Board, job_ids: tuple[str, ...]) -> AsyncGenerator[list[Job], None]:
    """Yield news for ever, over as many connections as it takes."""
    tries = 0
    while True:
        try:
            async with aclosing(_connection(api, board, job_ids)) as news:
                async for jobs in news:
                    tries = 0
                    yield jobs
        except Unavailable:
            if tries >= _TRIES:
                raise
        tries += 1
        await api.pause(backoff(tries))


async def _connection(api: Api, board: Board, job_ids: tuple[str, ...]) -> AsyncGenerator[list[Job], None]:
    unfinished = [job.job_id for job in board.jobs.values() if not ended(job)]
    named = list(dict.fromkeys([*job_ids, *unfinished]))[:_MOST_NAMED]
    request = gateway_pb2.WatchJobsRequest(job_ids=named)
    async with aclosing(api.stream(methods.WATCH_JOBS, request)) as updates:
        async for update in updates:
            match update.WhichOneof("message"):
                case "snapshot":
                    # A job that began and ended while nobody listened is in no snapshot, but among the newest.
                    yield [*update.snapshot.jobs, *await _newest(api)]
                case "job":
                    yield [update.job]
                case "deleted_job_id":
                    board.remove(update.deleted_job_id)
                    yield []
                case "failure":
                    raise Unavailable(update.failure.reason, update.failure.message, code="UNAVAILABLE")


async def _newest(api: Api) -> list[Job]:
    try:
        answer = await api.call(methods.LIST_JOBS, gateway_pb2.ListJobsRequest(page_size=200))
    except ApiError as error:
        raise Unavailable(error.reason, error.message, code=error.code) from error
    return list(answer.jobs)
