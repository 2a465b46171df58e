"""Live progress over what the database knows."""

from puremusic.job.v1 import job_pb2
from puremusic.mir.v1 import mir_pb2

from chassis.watching import keep_newer_progress, overlay


def work(progress: float, attempts: int = 1) -> job_pb2.Work:
    return job_pb2.Work(progress=progress, attempts=attempts)


def test_newer_progress_is_laid_over() -> None:
    present = work(0.2)
    assert overlay(present, job_pb2.Progress(progress=0.5, stage="mixing", attempt=1, eta_seconds=3))
    assert (present.progress, present.stage, present.eta_seconds) == (0.5, "mixing", 3)


def test_progress_never_goes_back_within_an_attempt() -> None:
    assert not overlay(work(0.5), job_pb2.Progress(progress=0.4, attempt=1))


def test_a_fenced_off_worker_is_not_heard() -> None:
    assert not overlay(work(0.1, attempts=2), job_pb2.Progress(progress=0.9, attempt=1))


def test_a_new_attempt_begins_again() -> None:
    present = work(0.9)
    assert overlay(present, job_pb2.Progress(progress=0.1, attempt=2))
    assert (present.progress, present.attempts) == (0.1, 2)


def test_the_database_s_older_progress_does_not_win() -> None:
    before, present = mir_pb2.Analysis(work=work(0.7)), mir_pb2.Analysis(work=work(0.2))
    assert not keep_newer_progress(before, present)
    assert present.work.progress == 0.7
