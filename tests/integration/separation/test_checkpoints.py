"""What an attempt has finished is published and not computed again, whatever becomes of it; and the files are the same bytes."""

import io
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from puremusic.job.v1 import job_pb2
from puremusic.separation.v1 import separation_pb2 as pb
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection
from torch import Tensor

from chassis.errors import Unavailable
from chassis.jobs import Announce, Job
from chassis.objects import ObjectKey, ObjectStore, StoredObject
from chassis.scratch import Scratch, ScratchConfig
from chassis.work import Finish, Run, Stopped
from services.separation import messages, segment_store, segments
from services.separation.config import DeviceConfig
from services.separation.engine.choice import Part
from services.separation.engine.inference import Inference
from services.separation.engine.stems import Ensemble
from services.separation.resident import ResidentModels
from services.separation.segment_store import SegmentRow
from services.separation.separating import Separator
from services.separation.stem_files import Samples, unjustified
from services.separation.store import StemRow
from tests.integration.separation.ledger import Ledger, store_config
from tests.integration.separation.running import Pcm, Separation, User

RATE = 44_100
FRAMES = 12 * RATE + 123
SHORT = 7 * RATE
STEMS = (pb.STEM_TYPE_BASS, pb.STEM_TYPE_PIANO)


class Store(ObjectStore):
    """The real store, which can be away for segments."""

    away = 0
    """How many more segments' files it refuses."""

    async def put_file(self, key: ObjectKey, path: Path, content_type: str) -> StoredObject:
        if key.name.startswith("segments/") and self.away:
            self.away -= 1
            raise Unavailable("STORE_UNAVAILABLE", "The object store does not answer. Try again.")
        return await super().put_file(key, path, content_type)


class InStep(ResidentModels):
    """Networks that wait with each window until what is finished is published."""

    def __init__(self, weights: Path) -> None:
        super().__init__(weights, DeviceConfig(device="cpu"))
        self.published = threading.Semaphore()

    @asynccontextmanager
    async def ensemble(self, parts: Sequence[Part]) -> AsyncIterator[Ensemble]:
        async with super().ensemble(parts) as lent:
            yield [(Waiting(inference, self.published), weights) for inference, weights in lent]


class Waiting:
    """A network that takes a window for each permit."""

    def __init__(self, network: Inference, permits: threading.Semaphore) -> None:
        self.card, self.ahead, self.device_name = network.card, network.ahead, network.device_name
        self.input_frames = network.input_frames
        self._network = network
        self._permits = permits

    def submit(self, window: Tensor) -> "Future[Tensor]":
        assert self._permits.acquire(timeout=60)
        return self._network.submit(window)


@dataclass
class Worker:
    """A worker in this process, whose attempts a test begins and ends."""

    ledger: Ledger
    store: Store
    scratch: Scratch
    models: ResidentModels
    told: list[job_pb2.Progress] = field(default_factory=list)
    """The progress of the latest attempt."""
    run: Run = field(init=False)
    """The latest attempt."""

    async def attempt(self, job: Job) -> Finish:
        """Work on a job until it is done."""
        return await self._attempt(job, self.models, messages.announce)

    async def interrupted(self, separation_id: str, segments: int) -> Job:
        """Work until there are so many segments, then leave the job to another attempt, which is returned."""
        job, models = await self.ledger.claim(separation_id), InStep(self.models.weights_dir)
        seen = 0

        async def announce(connection: AsyncConnection, job_id: str) -> None:
            nonlocal seen
            await messages.announce(connection, job_id)
            seen += 1
            if seen == segments:
                self.run.stop()
            models.published.release()

        with pytest.raises(Stopped):
            await self._attempt(job, models, announce)
        await models.close()
        await self.ledger.wait(job, seconds=0)
        return await self.ledger.claim(separation_id)

    async def work(self, job: Job) -> dict[str, StemRow]:
        """Work on a job until it is completed, and return its stems by their types."""
        await self.ledger.end(job, "completed", await self.attempt(job))
        return {stem.type: stem for stem in await self.ledger.stems(job.job_id)}

    async def _attempt(self, job: Job, models: ResidentModels, announce: Announce) -> Finish:
        self.told = []
        self.run = Run(job, lambda payload: self.told.append(job_pb2.Progress.FromString(payload)))
        database, store = self.ledger.database, self.store
        separator = Separator(
            database, store, self.scratch, models, announce, segment_seconds=0, share_across_users=False
        )
        return await separator(self.run)

    async def segments(self, separation_id: str) -> list[SegmentRow]:
        """What is published."""
        async with self.ledger.database.transaction() as connection:
            return await segment_store.of(connection, separation_id)


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """Torch on one thread: a small network's layers are over before a second thread has heard of them."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
async def worker(ledger: Ledger, light: Separation, small_weights: Path, tmp_path: Path) -> AsyncIterator[Worker]:
    models = ResidentModels(small_weights, DeviceConfig(device="cpu"))
    store = Store(store_config(light.surroundings.s3))
    yield Worker(ledger, store, Scratch(ScratchConfig(str(tmp_path)), "test"), models)
    await models.close()


@pytest.fixture(scope="module")
def song() -> Pcm:
    """Three windows of noise."""
    noise: Pcm = np.random.default_rng(8).uniform(-0.9, 0.9, (FRAMES, 2)).astype(np.float32)
    return noise


@pytest.fixture
def user(light: Separation) -> User:
    return light.user()


@pytest.fixture
def asked(user: User, song: Pcm) -> str:
    """A separation of the song that nobody has begun."""
    return user.separate(user.track(song, RATE), *STEMS).separation_id


@pytest.fixture
def short(user: User, song: Pcm) -> str:
    """A separation of its first two windows that nobody has begun."""
    return user.separate(user.track(song[:SHORT], RATE), *STEMS).separation_id


@pytest.fixture(scope="module")
def remembered() -> dict[str, str]:
    """What `unbroken` has found out."""
    return {}


@pytest.fixture
async def unbroken(worker: Worker, light: Separation, song: Pcm, remembered: dict[str, str]) -> dict[str, str]:
    """The digests of what an attempt makes of the song that nothing has disturbed, by type."""
    if not remembered:
        somebody = light.user()
        made = somebody.separate(somebody.track(song, RATE), *STEMS)
        stems = await worker.work(await worker.ledger.claim(made.separation_id))
        remembered.update({stem_type: stem.sha256 for stem_type, stem in stems.items()})
    return remembered


async def nothing(_worker: Worker, _row: SegmentRow) -> None:
    """A segment as it should be."""


async def lost(worker: Worker, row: SegmentRow) -> None:
    """A segment of which an object is gone."""
    await worker.store.remove([row.stems[0].object_key])


async def of_another_recipe(worker: Worker, row: SegmentRow) -> None:
    """A segment that something else was computed for."""
    async with worker.ledger.database.transaction() as connection:
        await connection.execute(
            text("UPDATE segment SET recipe = 'another' WHERE separation_id = :id AND first_frame = :first"),
            {"id": row.separation_id, "first": row.first_frame},
        )


def follow_on(rows: list[SegmentRow]) -> bool:
    """Whether segments begin at the beginning and have no gaps."""
    return [row.first_frame for row in rows] == [0, *(row.end for row in rows[:-1])]


@pytest.mark.parametrize("fate", [nothing, lost, of_another_recipe])
async def test_another_attempt_goes_on_where_the_segments_end(
    worker: Worker,
    user: User,
    asked: str,
    unbroken: dict[str, str],
    fate: Callable[[Worker, SegmentRow], Awaitable[None]],
) -> None:
    second = await worker.interrupted(asked, 2)
    before = await worker.segments(asked)
    await fate(worker, before[1])
    kept = before if fate is nothing else before[:1]

    assert user.get(asked).playable_seconds == before[-1].end / RATE
    stems = await worker.work(second)
    after = await worker.segments(asked)

    assert {stem_type: stem.sha256 for stem_type, stem in stems.items()} == unbroken
    assert after[: len(kept)] == kept
    assert {row.attempt for row in after[len(kept) :]} <= {2}
    assert follow_on(after)
    separating = [progress.progress for progress in worker.told if progress.stage == "separating"]
    assert separating == sorted(separating)
    assert separating[0] == pytest.approx(0.02 + 0.93 * kept[-1].end / FRAMES)


async def samples(worker: Worker, key: str, scale_bits: int) -> Samples:
    """A stored file's samples, in steps of 24 bit."""
    stored, _ = soundfile.read(io.BytesIO(await worker.store.get_bytes(key)), dtype="int32", always_2d=True)
    return unjustified(stored, scale_bits)


async def test_what_is_heard_early_is_what_is_stored_in_the_end_though_the_store_stumbles(
    worker: Worker, asked: str, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segments, "RETRY_SECONDS", 0.01)
    worker.store.away = 3

    stems = await worker.work(await worker.ledger.claim(asked))
    final = {each: await samples(worker, stems[each].object_key, stems[each].scale_bits) for each in ("bass", "piano")}

    rows = await worker.segments(asked)
    assert worker.store.away == 0
    assert rows
    assert follow_on(rows)
    for row in rows:
        for stem in row.stems:
            heard = await samples(worker, stem.object_key, stem.scale_bits)
            bits = stems[stem.type].scale_bits
            assert np.array_equal(heard >> bits << bits, final[stem.type][row.first_frame : row.end])
    done = user.get(asked)
    assert (done.null_test.exact, done.playable_seconds) == (True, FRAMES / RATE)


async def test_without_a_store_for_segments_the_work_is_done_all_the_same(
    worker: Worker, short: str, user: User
) -> None:
    worker.store.away = 10**6

    stems = await worker.work(await worker.ledger.claim(short))

    assert {stem.frames for stem in stems.values()} == {SHORT}
    assert user.get(short).null_test.exact
    assert await worker.segments(short) == []


async def test_an_attempt_that_has_lost_the_job_publishes_nothing(worker: Worker, short: str) -> None:
    lost_attempt = await worker.ledger.claim(short)
    async with worker.ledger.database.transaction() as connection:
        await connection.execute(
            text("UPDATE job SET lease_until = now() - interval '1 second' WHERE job_id = :id"), {"id": short}
        )
    assert (await worker.ledger.claim(short)).attempt == 2

    await worker.attempt(lost_attempt)

    assert await worker.segments(short) == []


async def test_segments_of_a_cancelled_separation_do_not_stay_for_ever(worker: Worker, user: User, short: str) -> None:
    job = await worker.interrupted(short, 1)
    assert await worker.ledger.stored(user.user_id)

    await worker.ledger.end(job, "cancelled")
    await worker.ledger.upkeep.collect(0, dry_run=False)

    assert await worker.ledger.stored(user.user_id) == []
