"""What can go wrong while a track is taken apart ends the job with a reason, and the time that it takes is told honestly."""

from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from puremusic.job.v1 import job_pb2
from sqlalchemy.ext.asyncio import AsyncConnection
from torch import Tensor

from chassis.config import Secret
from chassis.errors import DomainError, Exhausted, Internal, InvalidInput
from chassis.objects import ObjectStore, ObjectStoreConfig
from chassis.postgres import Database, PostgresConfig
from chassis.work import Run, Stopped
from services.separation.engine.errors import OutOfMemory
from services.separation.engine.stems import Ensemble
from services.separation.master import Master
from services.separation.segments import SegmentCutter, SegmentPublisher
from services.separation.separating import Pace, write_stems
from services.separation.stem_files import Layout, StemFiles
from tests.unit.job_rows import JOB
from tests.unit.separation.networks import Echo, alone

RATE = 44_100
LAYOUT = Layout(("drums", "bass"), RATE, 1)
NEVER = float("inf")


class Failing(Echo):
    """A network that answers two windows and then does something else."""

    def __init__(self, fault: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self._fault = fault
        self.asked = 0

    def submit(self, window: Tensor) -> "Future[Tensor]":
        self.asked += 1
        if self.asked <= 2:
            return super().submit(window)
        future: Future[Tensor] = Future()
        try:
            future.set_result(self._fault(window.expand(4, -1, -1)))
        except OutOfMemory as error:
            future.set_exception(error)
        return future


def exhausted(_stems: Tensor) -> Tensor:
    """What happens where the memory runs out."""
    raise OutOfMemory("One window needs 2.0 GiB and 1.5 of 16.0 GiB are free.")


async def unannounced(_connection: AsyncConnection, _job_id: str) -> None:
    """Nobody hears of it."""


def run_of(told: list[job_pb2.Progress]) -> Run:
    """An attempt whose progress is written down."""
    job = replace(JOB, state="running", attempt=1)
    return Run(job, lambda payload: told.append(job_pb2.Progress.FromString(payload)))


@pytest.fixture
def told() -> list[job_pb2.Progress]:
    return []


@pytest.fixture
def run(told: list[job_pb2.Progress]) -> Run:
    return run_of(told)


@pytest.fixture
def master_path(tmp_path: Path) -> Path:
    """Five seconds of noise."""
    path = tmp_path / "master.flac"
    soundfile.write(path, np.random.default_rng(4).uniform(-0.5, 0.5, 5 * RATE), RATE, subtype="PCM_24")
    return path


@pytest.fixture
async def publisher(run: Run) -> AsyncIterator[SegmentPublisher]:
    """A publisher that nothing is handed to: its servers are nowhere."""
    database = Database(PostgresConfig("postgresql://separation@127.0.0.1:1/nowhere"))
    secret = Secret("secret")
    nowhere = "http://127.0.0.1:1"
    yield SegmentPublisher(
        database, ObjectStore(ObjectStoreConfig(nowhere, nowhere, secret, secret)), unannounced, run, "recipe"
    )
    await database.close()


@pytest.fixture
def separate(run: Run, publisher: SegmentPublisher, master_path: Path, tmp_path: Path) -> Callable[[Ensemble], None]:
    """Separates the master by an ensemble."""

    def separate(ensemble: Ensemble) -> None:
        with (
            Master(master_path) as master,
            StemFiles(LAYOUT, tmp_path) as files,
            SegmentCutter(publisher, LAYOUT, tmp_path, 0, NEVER) as segments,
        ):
            write_stems(run, ensemble, master, files, segments)

    return separate


@pytest.mark.parametrize(
    ("fault", "kind", "reason", "said"),
    [
        (exhausted, Exhausted, "OUT_OF_MEMORY", "needs 2.0 GiB and 1.5 of 16.0 GiB are free"),
        (lambda stems: stems * torch.nan, Internal, "OUTPUT_NOT_FINITE", "Try another model"),
        (lambda stems: stems / 0, Internal, "OUTPUT_NOT_FINITE", "Try another model"),
    ],
    ids=["out of memory", "NaN", "infinite"],
)
def test_a_network_that_fails_ends_the_job_with_a_reason(
    separate: Callable[[Ensemble], None],
    fault: Callable[[Tensor], Tensor],
    kind: type[DomainError],
    reason: str,
    said: str,
) -> None:
    network = Failing(fault)

    with pytest.raises(kind, match=said) as refused:
        separate(alone(network, LAYOUT.stem_types))

    assert refused.value.reason == reason
    assert network.asked == 3


def test_a_damaged_master_ends_the_job_with_a_reason(separate: Callable[[Ensemble], None], master_path: Path) -> None:
    content = master_path.read_bytes()
    master_path.write_bytes(content[: len(content) // 2])

    with pytest.raises(InvalidInput, match="Upload it again") as refused:
        separate(alone(Echo(), LAYOUT.stem_types))

    assert refused.value.reason == "TRACK_UNREADABLE"


def test_audio_that_cannot_be_separated_ends_the_job_with_a_reason(
    separate: Callable[[Ensemble], None], master_path: Path
) -> None:
    soundfile.write(master_path, np.zeros(4_000), 4_000, subtype="PCM_24")

    with pytest.raises(InvalidInput, match="4000 Hz") as refused:
        separate(alone(Echo(), LAYOUT.stem_types))

    assert refused.value.reason == "UNSUPPORTED_AUDIO"


def test_it_stops_within_a_window(separate: Callable[[Ensemble], None], run: Run) -> None:
    def stop(stems: Tensor) -> Tensor:
        run.stop()
        return stems

    network = Failing(stop)
    with pytest.raises(Stopped):
        separate(alone(network, LAYOUT.stem_types))

    assert network.asked == 3


def test_progress_grows_and_says_on_what_it_computes(
    separate: Callable[[Ensemble], None], run: Run, told: list[job_pb2.Progress]
) -> None:
    separate(alone(Echo(), LAYOUT.stem_types))

    assert run.device == "cpu"
    assert run.engine_seconds > 0
    assert run.progress == pytest.approx(0.95)
    assert {progress.stage for progress in told} == {"separating"}


def test_the_remaining_time_follows_the_latest_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 10.0, *range(11, 30)])
    monkeypatch.setattr("services.separation.separating.perf_counter", lambda: float(next(clock)))
    pace = Pace(0)

    assert pace.remaining(100, 2100) == 200.0  # all that is known is one slow window
    estimates = [pace.remaining(100 * done, 2100) for done in range(2, 12)]
    assert estimates[0] == pytest.approx(5.5 * 19)
    assert estimates[-1] == pytest.approx(10.0)  # the slow first one is forgotten
    assert pace.remaining(2100, 2100) == 0.0


def test_after_a_resumption_the_remaining_time_counts_only_what_this_attempt_has_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = iter([0.0, 0.5, 2.0])
    monkeypatch.setattr("services.separation.separating.perf_counter", lambda: next(clock))
    pace = Pace(800)

    assert pace.remaining(800, 1000) is None  # a window again, for what the next one needs of it
    assert pace.remaining(900, 1000) == 2.0
