"""The watch: snapshots, breaks, what happened while nobody listened."""

import httpx
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from puremusic.gateway.v1.gateway_pb2 import (
    JOB_KIND_ANALYSIS,
    JOB_KIND_IMPORT,
    JOB_KIND_SEPARATION,
    Job,
    JobKind,
    ListJobsResponse,
    WatchJobsResponse,
)
from puremusic.job.v1.job_pb2 import (
    JOB_STATE_COMPLETED,
    JOB_STATE_FAILED,
    JOB_STATE_PENDING,
    JOB_STATE_RUNNING,
    Failure,
    JobState,
    Work,
)

from cli.client import Unavailable
from cli.client.watching import Board, jobs_ended, tracks_settled, watch
from tests.unit.cli.scripted import Answer, Script, answer, broken, refusal, stream

WATCH, LIST = "/api/v1/jobs:watch", "/api/v1/jobs"


def job(name: str, state: JobState.ValueType, version: int = 1, progress: float = 0.0) -> Job:
    return Job(job_id=name, state=state, version=version, work=Work(progress=progress))


def about(track: str, kind: JobKind.ValueType, state: JobState.ValueType) -> Job:
    return Job(job_id=track if kind == JOB_KIND_IMPORT else f"{track}-{kind}", track_id=track, kind=kind, state=state)


def snapshot(*jobs: Job) -> WatchJobsResponse:
    return WatchJobsResponse(snapshot=WatchJobsResponse.Snapshot(jobs=jobs))


def listed(*jobs: Job) -> Answer:
    return answer(ListJobsResponse(jobs=jobs))


PENDING = job("j", JOB_STATE_PENDING)
RUNNING = job("j", JOB_STATE_RUNNING, version=2)
HALF = job("j", JOB_STATE_RUNNING, version=2, progress=0.5)
DONE = job("j", JOB_STATE_COMPLETED, version=3, progress=1.0)


async def _watch(script: Script, *names: str) -> tuple[Board, list[Job]]:
    seen: list[Job] = []
    async with script.api() as api:
        board = await watch(api, jobs_ended(names), seen.append, names)
    return board, seen


async def test_changes_are_told_until_the_job_is_over(script: Script) -> None:
    updates = [snapshot(PENDING), *(WatchJobsResponse(job=each) for each in (RUNNING, HALF, HALF, DONE))]
    script.on("GET", WATCH, stream(*updates, breaks=True))
    script.on("GET", LIST, listed())
    board, seen = await _watch(script, "j")
    assert seen == [PENDING, RUNNING, HALF, DONE]
    assert board.jobs == {"j": DONE}
    assert script.asked(WATCH)[0].url.params.get_list("jobIds") == ["j"]


async def test_heartbeats_change_nothing(script: Script) -> None:
    script.on(
        "GET", WATCH, stream(snapshot(PENDING), WatchJobsResponse(heartbeat=Timestamp(seconds=1)), snapshot(DONE))
    )
    script.on("GET", LIST, listed())
    assert (await _watch(script, "j"))[1] == [PENDING, DONE]


@pytest.mark.parametrize(
    "broken_off",
    [
        stream(snapshot(RUNNING)),
        stream(snapshot(RUNNING), breaks=True),
        stream(snapshot(RUNNING), WatchJobsResponse(failure=Failure(reason="UNAVAILABLE", message="restarting"))),
    ],
)
async def test_a_watch_that_ends_or_breaks_is_joined_again(script: Script, broken_off: Answer) -> None:
    script.on("GET", WATCH, broken_off, refusal(503, 14, "UNAVAILABLE"), stream(snapshot(DONE)))
    script.on("GET", LIST, listed())
    assert (await _watch(script, "j"))[1] == [RUNNING, DONE]
    assert len(script.pauses) == 2


async def test_jobs_that_were_under_way_are_named_after_a_break(script: Script) -> None:
    other = job("other", JOB_STATE_RUNNING)
    script.on("GET", WATCH, stream(snapshot(PENDING, other)), stream(snapshot(DONE)))
    script.on("GET", LIST, listed())
    await _watch(script, "j")
    assert script.asked(WATCH)[1].url.params.get_list("jobIds") == ["j", "other"]


async def test_a_job_that_began_and_ended_during_a_break_is_found(script: Script) -> None:
    script.on("GET", WATCH, stream(snapshot()), stream(snapshot(), breaks=True))
    script.on("GET", LIST, listed(), listed(DONE))
    assert (await _watch(script, "j"))[1] == [DONE]


async def test_an_older_version_does_not_replace_a_newer_one(script: Script) -> None:
    script.on("GET", WATCH, stream(snapshot(HALF), WatchJobsResponse(job=PENDING), WatchJobsResponse(job=DONE)))
    script.on("GET", LIST, listed(PENDING))
    assert (await _watch(script, "j"))[1] == [HALF, DONE]


async def test_a_deleted_job_is_not_waited_for(script: Script) -> None:
    script.on("GET", WATCH, stream(snapshot(PENDING), WatchJobsResponse(deleted_job_id="j")))
    script.on("GET", LIST, listed())
    board, _ = await _watch(script, "j")
    assert board.gone == {"j"}


async def test_a_server_that_stays_away_is_given_up(script: Script) -> None:
    script.on("GET", WATCH, broken(httpx.ConnectError))
    with pytest.raises(Unavailable):
        await _watch(script, "j")
    assert len(script.asked(WATCH)) == 11


CHECKED = about("t", JOB_KIND_IMPORT, JOB_STATE_COMPLETED)
REFUSED = about("t", JOB_KIND_IMPORT, JOB_STATE_FAILED)
SEPARATED = about("t", JOB_KIND_SEPARATION, JOB_STATE_COMPLETED)
HEARD = about("t", JOB_KIND_ANALYSIS, JOB_STATE_FAILED)


@pytest.mark.parametrize(
    ("jobs", "process", "settled"),
    [
        ([], True, False),
        ([about("t", JOB_KIND_IMPORT, JOB_STATE_RUNNING)], True, False),
        ([REFUSED], True, True),
        ([CHECKED], False, True),
        ([CHECKED], True, False),
        ([CHECKED, SEPARATED], True, False),
        ([CHECKED, SEPARATED, about("t", JOB_KIND_ANALYSIS, JOB_STATE_RUNNING)], True, False),
        ([CHECKED, SEPARATED, HEARD], True, True),
        ([CHECKED, about("u", JOB_KIND_SEPARATION, JOB_STATE_COMPLETED), HEARD], True, False),
    ],
)
def test_an_upload_is_settled_when_nothing_follows(jobs: list[Job], *, process: bool, settled: bool) -> None:
    board = Board({each.job_id: each for each in jobs})
    assert tracks_settled(["t"], process=process)(board) is settled
