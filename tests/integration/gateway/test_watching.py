"""WatchJobs: a snapshot, then changes, with live progress; and what happens when hints are lost or the server leaves."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from puremusic.gateway.v1 import gateway_pb2
from puremusic.job.v1 import job_pb2

from tests.integration.gateway.facts import Author, Fact, new_id
from tests.integration.gateway.running import Metadata, Running

pytestmark = pytest.mark.asyncio(loop_scope="module")

Update = gateway_pb2.WatchJobsResponse


class Watcher:
    """One client's stream."""

    def __init__(self, gateway: Running, caller: Metadata, *job_ids: str) -> None:
        request = gateway_pb2.WatchJobsRequest(job_ids=job_ids)
        self.call = gateway.jobs.WatchJobs(request, metadata=caller)

    async def any(self) -> Update:
        """The next message."""
        async with asyncio.timeout(10):
            update = await self.call.read()
        assert isinstance(update, Update), "the stream has ended"
        return update

    async def next(self) -> Update:
        """The next message that is no heartbeat."""
        while True:
            update = await self.any()
            if not update.HasField("heartbeat"):
                return update

    async def snapshot(self) -> dict[str, gateway_pb2.Job]:
        """The first message."""
        return {job.job_id: job for job in (await self.next()).snapshot.jobs}


@pytest_asyncio.fixture(loop_scope="module")
async def watchers(gateway: Running) -> AsyncIterator[list[Watcher]]:
    """Streams that are ended with the test."""
    opened: list[Watcher] = []
    yield opened
    for watcher in opened:
        watcher.call.cancel()


def progress(fact_owner: str, job_id: str, done: float, attempt: int = 1) -> Fact:
    """What a worker says between two facts."""
    hint = job_pb2.Progress(job_id=job_id, progress=done, stage="fusing", attempt=attempt, eta_seconds=7.0)
    return f"progress.fusion.{fact_owner}.{job_id}", hint.SerializeToString()


async def say(gateway: Running, *hints: Fact) -> None:
    """Publish by core NATS, as workers do."""
    for subject, payload in hints:
        await gateway.bus.hint(subject, payload)


async def test_stems_that_play_further_are_news(
    gateway: Running, ada: Author, as_ada: Metadata, watchers: list[Watcher]
) -> None:
    separation, track = new_id(), new_id()
    await gateway.fold(ada.track(track), ada.separation(separation, track, "separating"))
    watchers.append(watcher := Watcher(gateway, as_ada))
    assert (await watcher.snapshot())[separation].playable_seconds == 0
    await gateway.fold(ada.separation(separation, track, "separating", playable=5.85))
    assert (await watcher.next()).job.playable_seconds == 5.85
    card = await gateway.library.GetCard(gateway_pb2.GetCardRequest(track_id=track), metadata=as_ada)
    assert (card.separation_id, card.playable_seconds) == (separation, 5.85)


async def test_a_job_s_life(gateway: Running, ada: Author, as_ada: Metadata, watchers: list[Watcher]) -> None:
    running, ended, mine = new_id(), new_id(), new_id()
    await gateway.fold(
        ada.fusion(running, "fusing", attempts=1), ada.fusion(ended, "failed"), ada.fusion(mine, "completed")
    )
    watcher = Watcher(gateway, as_ada, mine)
    watchers.append(watcher)
    assert set(await watcher.snapshot()) == {running, mine}

    await say(gateway, progress(ada.owner_id, running, 0.5))
    told = await watcher.next()
    assert (told.job.job_id, told.job.work.progress, told.job.work.eta_seconds) == (running, 0.5, 7.0)
    # Progress of yesterday's attempt, or that goes back, or of a job that is over, is no news.
    await say(
        gateway,
        progress(ada.owner_id, running, 0.9, attempt=0),
        progress(ada.owner_id, running, 0.3),
        progress(ada.owner_id, mine, 0.3, attempt=5),
    )
    # A fact that knows of less progress does not take any back.
    await gateway.tell(ada.fusion(running, "fusing", attempts=1, title="Renamed", progress=0.1))
    told = await watcher.next()
    assert (told.job.title, told.job.work.progress) == ("Renamed", 0.5)

    await gateway.tell(ada.fusion(running, "completed", attempts=1, progress=1.0))
    told = await watcher.next()
    assert (told.job.state, told.job.work.progress) == (job_pb2.JOB_STATE_COMPLETED, 1.0)
    await gateway.tell(ada.fusion(running, "completed", attempts=1, deleted=True))
    assert (await watcher.next()).deleted_job_id == running


async def test_a_new_job_appears_and_another_s_does_not(
    gateway: Running, ada: Author, as_ada: Metadata, watchers: list[Watcher]
) -> None:
    watcher = Watcher(gateway, as_ada)
    watchers.append(watcher)
    assert not await watcher.snapshot()
    bob, fusion = Author(), new_id()
    await gateway.tell(bob.fusion(new_id(), "pending"), ada.fusion(fusion, "pending"))
    assert (await watcher.next()).job.job_id == fusion


async def test_lost_hints_are_made_good_for(
    gateway: Running, ada: Author, as_ada: Metadata, watchers: list[Watcher]
) -> None:
    running, deleted = new_id(), new_id()
    await gateway.fold(ada.fusion(running, "pending"), ada.fusion(deleted, "pending"))
    watcher = Watcher(gateway, as_ada)
    watchers.append(watcher)
    await watcher.snapshot()
    # Behind the back of the consumer: nobody tells the watchers.
    await gateway.rows("UPDATE job SET deleted = true WHERE job_id = :id", id=deleted)
    message = gateway_pb2.Job(job_id=running, state=job_pb2.JOB_STATE_COMPLETED).SerializeToString()
    await gateway.rows(
        "UPDATE job SET state = :state, message = :message WHERE job_id = :id",
        state=job_pb2.JOB_STATE_COMPLETED,
        message=message,
        id=running,
    )
    told = [await watcher.next(), await watcher.next()]
    assert {update.WhichOneof("message") for update in told} == {"job", "deleted_job_id"}


async def test_a_quiet_stream_has_a_heartbeat(gateway: Running, as_ada: Metadata, watchers: list[Watcher]) -> None:
    watches = gateway.gateway.watches
    usual, watches.heartbeat_seconds = watches.heartbeat_seconds, 0.0
    try:
        watcher = Watcher(gateway, as_ada)
        watchers.append(watcher)
        await watcher.snapshot()
        assert (await watcher.any()).HasField("heartbeat")
    finally:
        watches.heartbeat_seconds = usual


async def test_when_the_server_leaves_the_stream_says_so(gateway: Running, as_ada: Metadata) -> None:
    watcher = Watcher(gateway, as_ada)
    await watcher.snapshot()
    await gateway.gateway.watches.end()
    try:
        assert (await watcher.next()).failure.reason == "GOING_AWAY"
        assert await watcher.call.code() is not None
    finally:
        gateway.gateway.watches.leaving = False


async def test_when_the_database_goes_the_stream_says_so(
    gateway: Running, ada: Author, as_ada: Metadata, watchers: list[Watcher]
) -> None:
    watcher = Watcher(gateway, as_ada)
    watchers.append(watcher)
    await watcher.snapshot()
    await gateway.rows("ALTER TABLE job RENAME TO job_elsewhere")
    try:
        assert (await watcher.next()).failure.reason == "UNAVAILABLE"
    finally:
        await gateway.rows("ALTER TABLE job_elsewhere RENAME TO job")
